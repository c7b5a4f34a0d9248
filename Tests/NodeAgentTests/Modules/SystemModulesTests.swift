import MusterCore
import Testing

@testable import NodeAgent

@Suite("Module disk")
struct DiskModuleTests {
    static let outputs = [
        "df -P": """
        Filesystem     1024-blocks     Used Available Capacity Mounted on
        /dev/vda         264212084 24278532  74787080      25% /
        //nas/my share        1000      500       500      50% /mnt/nas share
        """,
        "df -iP": """
        Filesystem       Inodes  IUsed    IFree IUse% Mounted on
        /dev/vda       16777216 682460 16094756    5% /
        """,
        "blkid":
            "/dev/sda1: UUID=\"ab-cd\" BLOCK_SIZE=\"4096\" TYPE=\"ext4\"\n/dev/sda2: LABEL=\"a b\" TYPE=\"swap\"\n",
    ]

    @Test(
        "tells what df and blkid tell",
        arguments: [
            (
                "usage", [],
                [
                    "/": [
                        "filesystem": "/dev/vda", "1K-blocks": "264212084", "used": "24278532", "available": "74787080",
                        "capacity": "25%",
                    ],
                    "/mnt/nas share": [
                        "filesystem": "//nas/my share", "1K-blocks": "1000", "used": "500", "available": "500",
                        "capacity": "50%",
                    ],
                ]
            ),
            (
                "inodeusage", [],
                [
                    "/": [
                        "inodes": "16777216", "used": "682460", "free": "16094756", "use": "5%",
                        "filesystem": "/dev/vda",
                    ]
                ]
            ),
            ("percent", [], ["/": "25%", "/mnt/nas share": "50%"]), ("percent", ["/"], "25%"),
            ("percent", ["/nope"], [:]),
            (
                "blkid", [],
                [
                    "/dev/sda1": ["UUID": "ab-cd", "BLOCK_SIZE": "4096", "TYPE": "ext4"],
                    "/dev/sda2": ["LABEL": "a b", "TYPE": "swap"],
                ]
            ),
        ] as [(String, [Value], Value)])
    func tells(_ name: String, arguments: [Value], expected: Value) async throws {
        #expect(try await ExecutionModule.disk.call(name, arguments, outputs: Self.outputs) == expected)
    }

    @Test("refuses flags that are none of df's, and says which program is missing")
    func refuses() async {
        await #expect(throws: FunctionError.failed(reason: "Invalid flag passed to disk.usage")) {
            try await ExecutionModule.disk.call("usage", ["z; rm"], outputs: Self.outputs)
        }
        await #expect(throws: FunctionError.failed(reason: "the program 'blkid' is not installed")) {
            try await ExecutionModule.disk.call("blkid")
        }
    }
}

@Suite("Module status")
struct StatusModuleTests {
    let tree: FileTree
    let module: ExecutionModule

    init() throws {
        tree = try FileTree([
            "proc/uptime": "93784.53 120.00\n", "proc/loadavg": "0.10 0.20 0.30 1/100 4242\n",
            "proc/version": "Linux version 6.1.0\n", "proc/meminfo": "MemTotal:  1000 kB\nHugePages_Total:  0\n",
            "proc/cpuinfo": "processor\t: 0\nflags\t\t: a b\nmodel name\t: X\n\n",
            "proc/stat": "cpu  1 2 3 4 5 6 7 8 9 10\ncpu0 1 2 3\nintr 9 1 0\nctxt 77\nsoftirq 5 2 3\n",
            "proc/diskstats": "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n",
            "proc/vmstat": "nr_free_pages 12\n",
            "proc/net/dev":
                "Inter-|   Receive |  Transmit\n face |bytes packets\n  eth0:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n",
            "proc/net/netstat": "TcpExt: A B\nTcpExt: 1 2\nIpExt: C\nIpExt: 3\n",
            "proc/7/status": "Name:\tcron\nUid:\t0\t0\t0\t0\n", "proc/7/cmdline": "/usr/sbin/cron\0-f\0",
            "proc/12/status": "Name:\tkworker\nUid:\t0\t0\t0\t0\n", "proc/12/cmdline": "",
        ])
        module = StatusModule.module(tree.files)
    }

    @Test(
        "reads the kernel's tables",
        arguments: [
            ("loadavg", [], ["1-min": 0.1, "5-min": 0.2, "15-min": 0.3]), ("version", [], "Linux version 6.1.0"),
            ("meminfo", [], ["MemTotal": ["value": "1000", "unit": "kB"], "HugePages_Total": ["value": "0"]]),
            ("cpuinfo", [], ["processor": "0", "flags": ["a", "b"], "model name": "X"]),
            (
                "cpustats", [],
                [
                    "cpu": [
                        "idle": 4, "iowait": 5, "irq": 6, "nice": 2, "softirq": 7, "steal": 8, "system": 3, "user": 1,
                    ],
                    "cpu0": 1, "intr": ["total": 9, "irqs": [1, 0]], "ctxt": 77,
                    "softirq": ["total": 5, "softirqs": [2, 3]],
                ]
            ),
            (
                "diskstats", [],
                [
                    "sda": [
                        "major": 8, "minor": 0, "device": "sda", "reads_issued": 1, "reads_merged": 2,
                        "sectors_read": 3,
                        "ms_spent_reading": 4, "writes_completed": 5, "writes_merged": 6, "sectors_written": 7,
                        "ms_spent_writing": 8, "io_in_progress": 9, "ms_spent_in_io": 10, "weighted_ms_spent_in_io": 11,
                    ]
                ]
            ),
            ("vmstats", [], ["nr_free_pages": 12]),
            ("netstats", [], ["TcpExt": ["A": 1, "B": 2], "IpExt": ["C": 3]]),
            (
                "procs", [],
                ["7": ["user": "root", "cmd": "/usr/sbin/cron -f"], "12": ["user": "root", "cmd": "[kworker]"]]
            ),
            ("pid", ["cro[n]"], "7"), ("pid", ["nothing"], ""),
        ] as [(String, [Value], Value)])
    func tables(_ name: String, arguments: [Value], expected: Value) async throws {
        #expect(try await module.call(name, arguments) == expected)
    }

    @Test("counts an interface's bytes")
    func interfaces() async throws {
        let row = try #require(try await module.call("netdev")["eth0"])
        #expect(row["iface"] == "eth0")
        #expect(row["rx_bytes"] == 1)
        #expect(row["rx_multicast"] == 8)
        #expect(row["tx_bytes"] == 9)
        #expect(row["tx_compressed"] == 16)
    }

    @Test("tells since when the machine is up")
    func uptime() async throws {
        let up = try await module.call("uptime", outputs: ["who -s": "a pts/0\nb pts/1\n"])
        #expect(up["seconds"] == 93784)
        #expect(up["days"] == 1)
        #expect(up["time"] == "2:3")
        #expect(up["users"] == 2)
    }

    @Test("refuses an expression that is none")
    func refuses() async {
        await #expect(throws: FunctionError.self) { try await module.call("pid", ["("]) }
    }
}

@Suite("Module network")
struct NetworkModuleTests {
    let tree: FileTree
    let module: ExecutionModule

    init() throws {
        tree = try FileTree(
            [
                "proc/net/tcp": """
                  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 536 1
                   1: 0A0200C0:0016 010200C0:C350 01 00000001:00000002 00:00000000 00000000  1000        0 999 1
                """,
                "proc/net/udp6": """
                  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
                   5: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 700 2
                """,
                "proc/net/route":
                    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\neth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\n",
                "proc/net/arp":
                    "IP address HW type Flags HW address Mask Device\n192.0.2.1 0x1 0x2 02:00:00:00:00:05 * eth0\n192.0.2.7 0x1 0x0 00:00:00:00:00:00 * eth0\n",
                "proc/77/comm": "sshd\n",
            ], links: ["proc/77/fd/3": "socket:[536]"])
        module = NetworkModule.module(
            files: tree.files, interfaces: { NetworkInterface.fixtures }, names: FactsSource.fixture(tree).names)
    }

    @Test(
        "tells addresses and networks",
        arguments: [
            ("interface_ip", ["eth0"], [:], "192.0.2.10"), ("hw_addr", ["eth0"], [:], "02:00:00:00:00:01"),
            ("hwaddr", ["x"], [:], "Interface \"x\" not in available interfaces: \"lo\", \"eth0\", \"tun0\""),
            ("interface", ["tun0"], [:], ""),
            (
                "interface", ["eth0"], [:],
                [["address": "192.0.2.10", "netmask": "255.255.255.0", "broadcast": "192.0.2.255", "label": "eth0"]]
            ),
            ("ip_addrs", [], [:], ["192.0.2.9", "192.0.2.10"]), ("ip_addrs", ["tun*"], [:], []),
            ("ip_addrs", [], ["include_loopback": true], ["127.0.0.1", "192.0.2.9", "192.0.2.10"]),
            ("ip_addrs", [], ["cidr": "192.0.2.8/31"], ["192.0.2.9"]), ("ip_addrs", [], ["type": "public"], []),
            ("ip_addrs6", [], [:], ["2001:db8::10", "fe80::1"]), ("subnets", [], [:], ["192.0.2.0/24"]),
            ("subnets6", [], [:], ["2001:db8::/64", "fe80::/64"]), ("in_subnet", ["192.0.2.0/24"], [:], true),
            ("in_subnet", ["10.0.0.0/8"], [:], false), ("in_subnet", ["nonsense"], [:], false),
            ("ip_in_subnet", ["10.1.2.3", "10.0.0.0/8"], [:], true),
            ("calc_net", ["172.17.0.5", "255.255.255.240"], [:], "172.17.0.0/28"),
            (
                "convert_cidr", ["172.31.0.0/16"], [:],
                ["network": "172.31.0.0", "netmask": "255.255.0.0", "broadcast": "172.31.255.255"]
            ),
            ("is_private", ["10.0.0.1"], [:], true), ("is_private", ["1.1.1.1"], [:], false),
            ("is_loopback", ["::1"], [:], true),
            ("reverse_ip", ["192.0.2.1"], [:], "1.2.0.192.in-addr.arpa"), ("get_hostname", [], [:], "web1"),
            ("get_fqdn", [], [:], "web1.example.org"), ("ifacestartswith", ["192.0"], [:], ["eth0"]),
            ("arp", [], [:], ["02:00:00:00:00:05": "192.0.2.1"]),
            (
                "default_route", ["inet"], [:],
                [
                    [
                        "addr_family": "inet", "destination": "0.0.0.0", "gateway": "192.0.2.1", "netmask": "0.0.0.0",
                        "flags": "UG", "interface": "eth0",
                    ]
                ]
            ),
            (
                "netstat", [], [:],
                [
                    [
                        "proto": "tcp", "recv-q": "0", "send-q": "0", "local-address": "0.0.0.0:22",
                        "remote-address": "0.0.0.0:*", "state": "LISTEN", "user": "0", "inode": "536",
                        "program": "77/sshd",
                    ],
                    [
                        "proto": "tcp", "recv-q": "2", "send-q": "1", "local-address": "192.0.2.10:22",
                        "remote-address": "192.0.2.1:50000", "state": "ESTABLISHED", "user": "1000", "inode": "999",
                        "program": "-",
                    ],
                    [
                        "proto": "udp6", "recv-q": "0", "send-q": "0", "local-address": "::1:53",
                        "remote-address": ":::*",
                        "user": "0", "inode": "700", "program": "-",
                    ],
                ]
            ),
            (
                "active_tcp", [], [:],
                [
                    0: [
                        "local_addr": "192.0.2.10", "local_port": "22", "remote_addr": "192.0.2.1",
                        "remote_port": "50000",
                    ]
                ]
            ),
            ("ping", ["host"], ["return_boolean": true], true),
            ("ping", ["gone"], ["return_boolean": true, "timeout": 3], false),
            (
                "connect", ["127.0.0.1", 1], [:],
                ["result": false, "comment": "Unable to connect to 127.0.0.1 (127.0.0.1) on tcp port 1"]
            ),
            ("connect", ["127.0.0.1"], [:], ["result": false, "comment": "Required argument, port, is missing."]),
        ] as [(String, [Value], ValueMap, Value)])
    func tells(_ name: String, arguments: [Value], keywords: ValueMap, expected: Value) async throws {
        let value = try await module.call(
            name, arguments, keywords,
            outputs: [
                "ping -c 4 -- host": "4 packets transmitted, 4 received, 0% packet loss, time 3003ms\n",
                "ping -c 4 -W 3 -- gone": "4 packets transmitted, 0 received, 100% packet loss, time 3003ms\n",
            ])
        #expect(value == expected)
    }

    @Test(
        "refuses what is no address, network or host",
        arguments: [
            ("ip_in_subnet", ["x", "10.0.0.0/8"]), ("ip_addrs", [.null, false, "10.0.0.1/8"]), ("ping", ["-f"]),
            ("interface", []),
            ("routes", ["inet7"]), ("calc_net", ["1.2.3.4", "99"]),
        ] as [(String, [Value])])
    func refuses(_ name: String, arguments: [Value]) async {
        await #expect(throws: FunctionError.self) { try await module.call(name, arguments) }
    }

    @Test(
        "answers as salt-call does on this machine",
        .enabled(if: SaltCall.path != nil, "no salt-call 3008 in the peers' cache"))
    func compare() async throws {
        let calls = [
            ["network.interfaces"], ["network.subnets"], ["network.subnets6"], ["network.hw_addr", "nope"],
            ["status.version"], ["status.nproc"], ["network.routes", "inet"], ["network.arp"],
            ["config.valid_fileproto", "salt://x"], ["network.calc_net", "172.17.0.5", "255.255.255.240"],
        ]
        for (call, salt) in zip(calls, try await SaltCall.results(id: "x", calls)) {
            let parts = call[0].split(separator: ".").map(String.init)
            let module = try #require([ExecutionModule.network, .status, .config].first { $0.name == parts[0] })
            let ours = try await module.call(
                parts[1], call.dropFirst().map { .string($0) }, processes: FoundationProcesses())
            #expect(ours.sortedMap == salt.sortedMap, "\(call[0])")
        }
    }
}
