#!/bin/bash
# install-salt.sh RELEASE...: unchanged Salts for the interop tests, each in a virtual environment of its own at
# ${MUSTER_PEERS:-$HOME/.cache/muster/peers}/salt-RELEASE. What is there already is left alone.
# MUSTER_PYTHON names another Python than python3: 3.10 and 3.11 are tested with 3006.30, 3007.17 and 3008.5.
set -euo pipefail
[ $# -gt 0 ] || { echo "usage: ${0##*/} RELEASE..., as 3006.30 3007.17 3008.5" >&2; exit 2; }
peers=${MUSTER_PEERS:-$HOME/.cache/muster/peers}
python=${MUSTER_PYTHON:-python3}
mkdir -p "$peers"

is_installed() { # RELEASE
    [ -x "$peers/salt-$1/bin/salt-master" ] && "$peers/salt-$1/bin/salt" --version 2> /dev/null | grep -qF " $1 "
}

step() { # WHAT COMMAND...: runs a step of the installation; its output is shown only when it fails
    local what=$1
    shift
    "$@" > "$log" 2>&1 && return
    echo "salt $release: cannot $what:" >&2
    tail -n 5 "$log" | sed 's/^/    /' >&2
    if grep -qiE 'could not find a version|connection|timed out|temporary failure|proxy|resolve' "$log"; then
        echo "    the Python package index is out of reach from here, or does not have it" >&2
    fi
    return 1
}

# Plain `pip install salt==X` fails where Salt's lock file pins a certifi that the index no longer has, so the packages
# come from that lock file with certifi unpinned, and Salt itself without its dependencies.
install_release() (
    release=$1 directory=$peers/salt-$1
    # The lock outlives no process: a run that was killed leaves nothing behind that stops the next one.
    exec 9> "$peers/.salt-$release.lock"
    flock -n 9 || { echo "salt $release: another process installs it, waiting"; flock 9; }
    is_installed "$release" && return
    echo "salt $release: installing into $directory"
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    log=$work/log
    pip=("$directory/bin/pip" --disable-pip-version-check --quiet)
    rm -rf "$directory"
    step "make a virtual environment with $python" "$python" -m venv "$directory" || return
    step "install the build tools" "${pip[@]}" install 'setuptools<69' wheel 'pip<25' || return
    step "download it" "${pip[@]}" download --no-deps --no-binary salt --no-build-isolation -d "$work" "salt==$release" || return
    tar -xzf "$work"/salt-*.tar.gz -C "$work" || return
    minor=$("$directory/bin/python" -c 'import sys; print("py3.%d" % sys.version_info[1])')
    locks=("$work"/salt-*/requirements/static/pkg/"$minor"/linux.*)
    [ -f "${locks[0]}" ] || { echo "salt $release: does not support Python ${minor#py}: set MUSTER_PYTHON to another" >&2; return 1; }
    sed -E '/^ *(--hash|\\)/d; s/^certifi==.*/certifi/' "${locks[0]}" > "$work/lock.txt"
    step "install what it needs" "${pip[@]}" install -r "$work/lock.txt" || return
    step "install it" "${pip[@]}" install --no-deps --no-build-isolation "$work"/salt-*.tar.gz || return
    is_installed "$release" || { echo "salt $release: installed, but 'salt --version' does not say so" >&2; return 1; }
    echo "salt $release: installed"
)

status=0
for release in "$@"; do install_release "$release" || status=1; done
exit $status
