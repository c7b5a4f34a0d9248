#!/bin/sh
# Compares our facts with the grains of a real salt-call 3008 on this machine and prints the table of docs/grains.md.
# Needs the peers that `make test` installs. Fails when a fact differs that the documentation does not name.
set -eu
cd "$(dirname "$0")/.."
table=$(mktemp)
trap 'rm -f "$table"' EXIT
status=0
MUSTER_GRAINS_TABLE="$table" swift test --filter GrainsComparisonTests >"$table.log" 2>&1 || status=$?
if [ "$status" -ne 0 ] || [ ! -s "$table" ]; then
    cat "$table.log" >&2
fi
rm -f "$table.log"
printf '| grain | ours |\n| --- | --- |\n'
cat "$table"
exit "$status"
