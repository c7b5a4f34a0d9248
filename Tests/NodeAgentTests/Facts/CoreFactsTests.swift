import Foundation
import MusterCore
import Testing

@testable import NodeAgent

struct Distribution: Sendable, CustomTestStringConvertible {
    let name: String
    let files: [String: String]
    let facts: ValueMap

    var testDescription: String { name }

    /// What Salt 3008.5 made of these files, in a mount namespace of their own.
    static func load() throws -> [Distribution] {
        try vectors("facts/distributions.json").map { entry in
            var files: [String: String] = [:]
            for file in entry["files"]?.map ?? [:] { files[file.key.jsonKey] = file.value.string }
            return Distribution(
                name: try #require(entry["name"]?.string), files: files, facts: try #require(entry["facts"]?.map))
        }
    }
}

@Suite("Core facts")
struct CoreFactsTests {
    @Test("names distributions as Salt does", arguments: try Distribution.load())
    func distributions(_ distribution: Distribution) throws {
        let tree = try FileTree(distribution.files)
        var facts = OperatingSystemFacts.gather(tree.files, cpuArchitecture: "x86_64")
        facts["osarch"] = nil
        for key in Set(facts.keys).union(distribution.facts.keys).sorted() {
            #expect(facts[key] == distribution.facts[key], "\(key)")
        }
    }

    @Test(
        "names the package architecture",
        arguments: [
            ("debian", "x86_64", "amd64"), ("debian", "aarch64", "arm64"), ("debian", "armv7l", "armhf"),
            ("fedora", "x86_64", "x86_64"), ("arch", "aarch64", "aarch64"),
        ])
    func architecture(_ id: String, cpu: String, expected: String) throws {
        let tree = try FileTree(["etc/os-release": "ID=\(id)\nNAME=\(id.capitalized)\nVERSION_ID=1\n"])
        #expect(OperatingSystemFacts.gather(tree.files, cpuArchitecture: cpu)["osarch"] == .string(expected))
    }

    @Test("counts processors and memory")
    func hardware() throws {
        let tree = try FileTree([
            "proc/cpuinfo": """
            processor\t: 0
            vendor_id\t: GenuineIntel
            model name\t: Intel(R) Xeon(R)
            flags\t\t: fpu vme sse2

            processor\t: 1
            model name\t: Intel(R) Xeon(R)
            flags\t\t: fpu vme sse2
            """,
            "proc/meminfo": "MemTotal:       16384000 kB\nMemFree: 12 kB\nSwapTotal:       2097148 kB\n",
            "sys/class/dmi/id/product_uuid": "4C4C4544-0051\n", "sys/class/dmi/id/sys_vendor": "Dell Inc.\n",
            "sys/block/sda/queue/rotational": "1\n", "sys/block/nvme0n1/queue/rotational": "0\n",
            "proc/mdstat":
                "Personalities : [raid1]\nmd1 : active raid1 sda1[0]\nmd0 : active raid1 sdb1[0]\nunused devices: <none>\n",
            "sys/block/dm-0/dm/uuid": "LVM-abc\n", "sys/block/dm-0/dm/name": "vg--data-home\n",
            "sys/block/dm-1/dm/uuid": "LVM-abc\n", "sys/block/dm-1/dm/name": "vg--data-swap\n",
            "sys/block/dm-2/dm/uuid": "CRYPT-x\n", "sys/block/dm-2/dm/name": "crypt\n",
            "sbin/lvm": "", "usr/bin/lspci": "",
            "sys/bus/pci/devices/0000:01:00.0/class": "0x030000\n",
            "sys/bus/pci/devices/0000:01:00.0/vendor": "0x10de\n",
            "sys/bus/pci/devices/0000:01:00.0/device": "0x1eb8\n",
            "usr/share/misc/pci.ids":
                "# list\n1002  Other\n\t1eb8  Not this\n10de  NVIDIA Corporation\n\t1eb8  TU104GL [Tesla T4]\n\t\t10de 12a2  sub\n",
        ])
        for program in ["sbin/lvm", "usr/bin/lspci"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tree.path(program))
        }
        let facts = HardwareFacts.gather(tree.files, programs: ProgramPath("/usr/bin", files: tree.files))
        let expected: ValueMap = [
            "num_cpus": 2, "cpu_model": "Intel(R) Xeon(R)", "cpu_flags": ["fpu", "vme", "sse2"], "mem_total": 16000,
            "swap_total": 2047, "uuid": "4c4c4544-0051", "manufacturer": "Dell Inc.", "disks": ["sda"],
            "ssds": ["nvme0n1"],
            "mdadm": ["md0", "md1"], "lvm": ["vg-data": ["home", "swap"]], "num_gpus": 1,
            "gpus": [["vendor": "nvidia", "model": "TU104GL [Tesla T4]"]],
        ]
        for entry in expected { #expect(facts[entry.key] == entry.value, "\(entry.key)") }
    }

    @Test(
        "tells what the machine is virtual in",
        arguments: [
            ([:], nil, "physical", nil), ([:], "none", "physical", nil), ([:], "kvm", "kvm", nil),
            ([:], "docker", "container", "Docker"), ([".dockerenv": ""], nil, "container", "Docker"),
            (["run/systemd/container": "lxc"], nil, "container", "LXC"),
            (["proc/1/cgroup": "1:cpu:/kubepods/x\n2:x:/kubepods/y\n4:z:/kubepods/pod"], nil, "virtual", "kubernetes"),
            (["proc/1/cgroup": "1:cpu:/docker/abc"], "kvm", "container", "Docker"),
            (
                ["sys/class/dmi/id/sys_vendor": "Amazon EC2", "sys/class/dmi/id/product_name": "t3.nano"], "kvm",
                "Nitro", "Amazon EC2 (t3.nano)"
            ),
            (["sys/class/dmi/id/sys_vendor": "VMware, Inc."], nil, "VMware", nil),
            (["sys/class/dmi/id/sys_vendor": "QEMU"], nil, "qemu", nil),
            (
                [
                    "sys/devices/system/clocksource/clocksource0/available_clocksource": "kvm-clock tsc",
                    "sys/class/dmi/id/sys_vendor": "QEMU",
                ], nil, "kvm", nil
            ),
            (["sys/devices/virtual/dmi/id/product_name": "Google Compute Engine"], "google", "gce", nil),
            (["proc/xen/capabilities": "control_d"], nil, "xen", "Xen Dom0"),
        ] as [([String: String], String?, String, String?)])
    func virtual(_ files: [String: String], detected: String?, kind: String, subtype: String?) throws {
        let tree = try FileTree(files)
        let facts = VirtualFacts.gather(tree.files, detected: detected)
        #expect(facts["virtual"] == .string(kind))
        #expect(facts["virtual_subtype"] == subtype.map(Value.string))
    }

    @Test("lists addresses, names and gateways")
    func network() async throws {
        let tree = try FileTree([
            "proc/net/route": """
            Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
            wlan0\t00000000\tFE0200C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
            eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
            eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
            """,
            "proc/net/ipv6_route":
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00 00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n",
            "etc/resolv.conf": """
            # made by hand
            nameserver 192.0.2.53
            nameserver 2001:db8::53 # second
            nameserver 192.0.2.53
            search example.org example.net ; comment
            sortlist 130.155.160.0/255.255.240.0 130.155.0.0
            options ndots:2 timeout:1
            """,
        ])
        let facts = await NetworkFacts.gather(.fixture(tree), resolvesAddresses: true)
        let expected: ValueMap = [
            "localhost": "web1", "fqdn": "web1.example.org", "host": "web1", "domain": "example.org",
            "ipv4": ["127.0.0.1", "192.0.2.9", "192.0.2.10"], "ipv6": ["::1", "2001:db8::10", "fe80::1"],
            "fqdn_ip4": ["192.0.2.10"], "fqdn_ip6": ["2001:db8::10"], "fqdns": ["web1.example.org"],
            "ip4_interfaces": ["lo": ["127.0.0.1"], "eth0": ["192.0.2.10", "192.0.2.9"], "tun0": []],
            "ip_interfaces": [
                "lo": ["127.0.0.1", "::1"], "eth0": ["192.0.2.10", "2001:db8::10", "fe80::1", "192.0.2.9"], "tun0": [],
            ],
            "hwaddr_interfaces": ["lo": "00:00:00:00:00:00", "eth0": "02:00:00:00:00:01"],
            "ip_gw": true, "ip4_gw": "192.0.2.1", "ip6_gw": false,
            "dns": [
                "nameservers": ["192.0.2.53", "2001:db8::53"], "ip4_nameservers": ["192.0.2.53"],
                "ip6_nameservers": ["2001:db8::53"],
                "sortlist": ["130.155.160.0/255.255.240.0", "130.155.0.0/255.255.0.0"], "domain": "",
                "search": ["example.org", "example.net"], "options": ["ndots:2"],
            ],
        ]
        for entry in expected { #expect(facts[entry.key] == entry.value, "\(entry.key)") }
    }

    @Test("gathers the rest, under Salt's names")
    func everything() async throws {
        let tree = try FileTree([
            "etc/os-release": "ID=debian\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n",
            "proc/cmdline": "root=UUID=ab ro quiet console=ttyS0 opt=\"a b\"\n", "etc/machine-id": "abc123\n",
            "sys/firmware/efi/efivars/SecureBoot-8be4": "\u{6}\0\0\0\u{1}",
        ])
        let facts = await CoreFacts.gather(
            .fixture(tree), configuration: ["id": "x", "master": ["a", "b"], "enable_fqdns_grains": false])
        let expected: ValueMap = [
            "id": "x", "server_id": 303_712_385, "master": ["a", "b"], "kernel": "Linux", "nodename": "web1",
            "kernelrelease": "6.1.0-18-amd64", "cpuarch": "x86_64", "osarch": "amd64", "machine_id": "abc123",
            "kernelparams": [["root", nil], ["ro", nil], ["quiet", nil], ["console", "ttyS0"], ["opt", "a b"]],
            "efi": true, "efi-secure-boot": true, "init": "unknown", "fqdns": [], "pid": 42, "username": "root",
            "path": "/opt/bin:/usr/bin", "systempath": ["/opt/bin", "/usr/bin"], "shell": "/bin/sh", "ps": "ps -efHww",
            "locale_info": [
                "defaultlanguage": "de_DE", "defaultencoding": "UTF-8", "detectedencoding": "utf-8", "timezone": "CET",
            ],
            "transactional": false, "fibre_channel_host": false,
        ]
        for entry in expected { #expect(facts[entry.key] == entry.value, "\(entry.key)") }
        #expect(facts["systemd"] == nil)
        #expect(facts["selinux"] == nil)
    }
}
