#!/bin/sh
# Installs stomp.py, an independent STOMP client, for the interop tests into ${MUSTER_PEERS:-$HOME/.cache/muster/peers}/stomp.
# Does nothing when it is there already. Needs python3 with venv, and a package index that pip can reach.
set -eu
release=9.0.0
peers=${MUSTER_PEERS:-$HOME/.cache/muster/peers}
target=$peers/stomp

if [ -x "$target/bin/python" ] && "$target/bin/python" -c "import stomp; assert stomp.__version__ == '$release'" 2>/dev/null; then
    exit 0
fi
command -v python3 >/dev/null || { echo "python3 is missing: apt-get install -y python3 python3-venv" >&2; exit 1; }
mkdir -p "$peers"
rm -rf "$target"
python3 -m venv "$target" || { echo "python3 has no venv: apt-get install -y python3-venv" >&2; exit 1; }
"$target/bin/python" -m pip install --quiet --disable-pip-version-check "stomp.py==$release"
"$target/bin/python" -c 'import stomp; print("stomp.py", stomp.__version__)'
