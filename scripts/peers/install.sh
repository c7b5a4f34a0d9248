#!/bin/bash
# install.sh: every real peer of the interop tests, side by side. Status 0 when all are there.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)

jobs=()
for release in 3006.30 3007.17 3008.5; do
    "$here/install-salt.sh" "$release" &
    jobs+=($!)
done
for client in pyzmq stomp; do
    "$here/install-$client.sh" &
    jobs+=($!)
done

status=0
for job in "${jobs[@]}"; do wait "$job" || status=1; done
exit $status
