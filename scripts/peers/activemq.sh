#!/bin/bash
# activemq.sh DIRECTORY STOMP_PORT [--persistent]: Debian's ActiveMQ with STOMP, in the foreground, on loopback, with user
# mcollective and password marionette. It is up when the port answers. Everything it writes is in DIRECTORY. Messages are
# kept on disk only with --persistent.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: ${0##*/} DIRECTORY STOMP_PORT [--persistent]" >&2; exit 2; }
directory=$1 port=$2 persistent=false store=
home=/usr/share/activemq
[ -d "$home/lib" ] || { echo "activemq is not installed: run scripts/system-packages.sh build test" >&2; exit 1; }
command -v java > /dev/null || { echo "there is no java: run scripts/system-packages.sh build test" >&2; exit 1; }
mkdir -p "$directory/conf" "$directory/data" "$directory/tmp"
if [ "${3:-}" = --persistent ]; then
    persistent=true
    # Its default: a write is confirmed when the disk has it.
    store="<persistenceAdapter><kahaDB directory=\"$directory/data/kahadb\" enableJournalDiskSyncs=\"true\"/></persistenceAdapter>"
fi
cat > "$directory/conf/activemq.xml" << END
<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.springframework.org/schema/beans http://www.springframework.org/schema/beans/spring-beans.xsd
        http://activemq.apache.org/schema/core http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="localhost" useJmx="false" persistent="$persistent"
      schedulePeriodForDestinationPurge="60000" dataDirectory="$directory/data">
    <destinationPolicy>
      <policyMap>
        <policyEntries>
          <policyEntry queue="*.reply.>" gcInactiveDestinations="true" inactiveTimoutBeforeGC="300000"/>
          <policyEntry topic=">" producerFlowControl="false"/>
        </policyEntries>
      </policyMap>
    </destinationPolicy>
    $store
    <plugins>
      <simpleAuthenticationPlugin>
        <users>
          <authenticationUser username="mcollective" password="marionette" groups="mcollective,everyone"/>
        </users>
      </simpleAuthenticationPlugin>
    </plugins>
    <transportConnectors>
      <transportConnector name="stomp" uri="stomp://127.0.0.1:$port?transport.tcpNoDelay=true&amp;maximumConnections=20000"/>
    </transportConnectors>
  </broker>
</beans>
END

exec java -Xms64m -Xmx"${ACTIVEMQ_HEAP:-512m}" -Djava.io.tmpdir="$directory/tmp" -Dactivemq.home=$home -Dactivemq.base="$directory" \
    -Dactivemq.conf="$directory/conf" -Dactivemq.data="$directory/data" \
    -cp "$home/lib/*:$home/lib/optional/*:/usr/share/java/activemq-run.jar:$directory/conf" \
    org.apache.activemq.console.Main start "xbean:file:$directory/conf/activemq.xml"
