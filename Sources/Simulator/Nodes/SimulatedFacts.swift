import MusterCore

/// The facts of a simulated node: made up, but always the same for the same number, and made when asked for.
enum SimulatedFacts {
    private static let systems: [(name: String, release: String, family: String)] = [
        ("Debian", "12", "Debian"), ("Ubuntu", "24.04", "Debian"), ("Rocky", "9", "RedHat"), ("SLES", "15", "Suse"),
    ]
    private static let roles = ["web", "database", "cache", "batch"]
    private static let processors = [2, 4, 8, 16]

    /// What Salt's minions report, as far as operators target by it, and `simulated: true`.
    static func facts(of node: NodeID, number: Int) -> ValueMap {
        let system = systems[number % systems.count]
        let processors = processors[number / 4 % processors.count]
        let address = "10.\(number >> 16 & 0xff).\(number >> 8 & 0xff).\(number & 0xff)"
        return [
            "id": .string(node.text), "host": .string(node.text), "nodename": .string(node.text),
            "fqdn": .string("\(node.text).example.net"), "domain": "example.net", "localhost": .string(node.text),
            "os": .string(system.name), "os_family": .string(system.family), "osrelease": .string(system.release),
            "osmajorrelease": .int(Int64(system.release.prefix { $0 != "." }) ?? 0),
            "osfullname": .string("\(system.name) GNU/Linux"), "osfinger": .string("\(system.name)-\(system.release)"),
            "kernel": "Linux", "kernelrelease": "6.1.0-simulated", "cpuarch": "x86_64", "osarch": "amd64",
            "num_cpus": .int(Int64(processors)), "mem_total": .int(Int64(processors * 4096)), "virtual": "kvm",
            "ipv4": .array([.string("127.0.0.1"), .string(address)]), "ipv6": ["::1"],
            "ip4_interfaces": .map(["lo": ["127.0.0.1"], "eth0": .array([.string(address)])]),
            "role": .string(roles[number / 16 % roles.count]), "rack": .string("rack\((number / 40).digits(3))"),
            "datacenter": .string("dc\(number % 3 + 1)"), "saltversion": "3008.5",
            "musterversion": .string("\(Muster.version) simulated"),
            "simulated": true,
        ]
    }
}
