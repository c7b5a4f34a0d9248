#!/bin/bash
# rabbitmq.sh DIRECTORY STOMP_PORT DISTRIBUTION_PORT EPMD_PORT [COLLECTIVE...]: Debian's RabbitMQ with its STOMP plugin, in
# the foreground, on loopback, as MCollective wants its broker: virtual host /mcollective, user mcollective with password
# marionette, and the two exchanges of each collective. It is up when the STOMP port answers. Everything it writes is in
# DIRECTORY, which it finds again after a restart. It ends with its process group.
set -euo pipefail
[ $# -ge 4 ] || { echo "usage: ${0##*/} DIRECTORY STOMP_PORT DISTRIBUTION_PORT EPMD_PORT [COLLECTIVE...]" >&2; exit 2; }
directory=$1 port=$2 distribution=$3 epmd=$4
shift 4
[ $# -gt 0 ] || set -- mcollective
servers=(/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server)
[ -x "${servers[0]}" ] || { echo "rabbitmq-server is not installed: run scripts/system-packages.sh build test" >&2; exit 1; }
mkdir -p "$directory"

exchange() { # NAME TYPE
    printf '{"vhost": "/mcollective", "name": "%s", "type": "%s", "durable": true, "auto_delete": false, "internal": false, "arguments": {}}' "$1" "$2"
}
exchanges=$(exchange mcollective_reply direct)
for collective in "$@"; do
    exchanges+=", $(exchange "${collective}_broadcast" topic), $(exchange "${collective}_directed" direct)"
done
cat > "$directory/definitions.json" << END
{
  "users": [{"name": "mcollective", "password": "marionette", "tags": "administrator"}],
  "vhosts": [{"name": "/"}, {"name": "/mcollective"}],
  "permissions": [
    {"user": "mcollective", "vhost": "/", "configure": ".*", "write": ".*", "read": ".*"},
    {"user": "mcollective", "vhost": "/mcollective", "configure": ".*", "write": ".*", "read": ".*"}
  ],
  "exchanges": [$exchanges]
}
END
cat > "$directory/rabbitmq.conf" << END
listeners.tcp = none
stomp.listeners.tcp.1 = 127.0.0.1:$port
loopback_users = none
load_definitions = $directory/definitions.json
log.file = $directory/rabbitmq.log
log.console = true
log.console.level = warning
END
echo '[rabbitmq_stomp].' > "$directory/enabled_plugins"

# Its own name server: the one that Erlang starts by itself would outlive everybody. An orderly end is the group's end.
epmd -address 127.0.0.1 -port "$epmd" &

export HOME=$directory LANG=C.UTF-8 ERL_EPMD_ADDRESS=127.0.0.1 ERL_EPMD_PORT=$epmd
export RABBITMQ_BASE=$directory RABBITMQ_NODENAME=muster$port@localhost RABBITMQ_DIST_PORT=$distribution \
    RABBITMQ_CONFIG_FILE=$directory/rabbitmq.conf RABBITMQ_ENABLED_PLUGINS_FILE=$directory/enabled_plugins \
    RABBITMQ_MNESIA_BASE=$directory/mnesia RABBITMQ_LOG_BASE=$directory RABBITMQ_PID_FILE=$directory/pid \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
exec "${servers[0]}"
