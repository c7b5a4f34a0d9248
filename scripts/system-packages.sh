#!/bin/bash
# system-packages.sh build [test]: makes sure that what the build (and the tests) need of the system is there.
# As root it installs what is missing with apt-get; otherwise it prints the exact command and stops with status 1.
set -euo pipefail

packages=()
need() { # PACKAGE COMMAND...: the package is needed when the command fails
    local package=$1
    shift
    "$@" > /dev/null 2>&1 || packages+=("$package")
}
for purpose in "$@"; do
    case $purpose in
    build)
        need git git --version
        need pkg-config pkg-config --version
        need libssl-dev pkg-config --atleast-version=3 libcrypto
        need libsqlite3-dev pkg-config --exists sqlite3
        ;;
    test)
        need python3 python3 --version
        need python3-venv python3 -c 'import ensurepip, venv'
        need util-linux flock --version
        need mcollective test -x /usr/sbin/mcollectived
        need mcollective-client test -x /usr/bin/mco
        need rabbitmq-server test -x /usr/sbin/rabbitmq-server
        need activemq test -d /usr/share/activemq/lib
        need default-jre-headless java -version
        need puppet-agent test -x /usr/bin/puppet
        need stompserver test -x /usr/bin/stompserver
        need openssl openssl version
        ;;
    *)
        echo "usage: ${0##*/} build [test]" >&2
        exit 2
        ;;
    esac
done

if [ ${#packages[@]} -gt 0 ]; then
    install=(apt-get install -y --no-install-recommends "${packages[@]}")
    if ! command -v apt-get > /dev/null; then
        echo "missing: ${packages[*]} (Debian's names): install them with this system's package manager" >&2
        exit 1
    elif [ "$(id -u)" -ne 0 ]; then
        echo "missing: ${packages[*]}. Run this, then try again:" >&2
        echo "    sudo ${install[*]}" >&2
        exit 1
    fi
    echo "installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    # The tests start their peers themselves: what comes with a service does not run now, nor after the next boot.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
        chmod 755 /usr/sbin/policy-rc.d
    fi
    # What fails the first time fails for want of lists; what fails again says why.
    "${install[@]}" > /dev/null 2>&1 || { apt-get update > /dev/null && "${install[@]}" > /dev/null; }
    for package in "${packages[@]}"; do
        case $package in
        mcollective | activemq | stompserver) services=("$package") ;;
        rabbitmq-server) services=(rabbitmq-server epmd) ;;
        puppet-agent) services=(puppet) ;;
        *) continue ;;
        esac
        # Where there is no such service, or nothing to start it with, there is nothing to disable.
        for service in "${services[@]}"; do update-rc.d "$service" disable > /dev/null 2>&1 || true; done
    done
fi

if ! version=$(swift --version 2> /dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | head -1); then
    echo "there is no Swift: install a toolchain of 6.3 or later and have 'swift' in PATH" >&2
    exit 1
fi
read -r _ _ number <<< "$version"
if [ "${number%%.*}" -lt 6 ] || { [ "${number%%.*}" -eq 6 ] && [ "${number#*.}" -lt 3 ]; }; then
    echo "Swift $number is too old: 6.3 or later is needed" >&2
    exit 1
fi
