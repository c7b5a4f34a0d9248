#!/bin/bash
# scripts/swift.sh ARGUMENTS...: runs `swift` (or $SWIFT) with a TMPDIR of its own, which goes with it.
#
# The compiler's driver leaves an empty TemporaryDirectory.* for each module that it plans, more than a hundred a build,
# and a test that is killed cannot clean up after itself.
set -euo pipefail
cd "$(dirname "$0")/.."

# Short: the sockets of a Salt master below it have 107 bytes for their path.
own=$(mktemp -d "${TMPDIR:-/tmp}/mu-XXXXXX")
trap 'rm -rf "$own"' EXIT

# SwiftPM keeps the lock of a build directory in TMPDIR: runs in one checkout still have to take turns.
mkdir -p .build
TMPDIR=$own flock .build/turn.lock "${SWIFT:-swift}" "$@"
