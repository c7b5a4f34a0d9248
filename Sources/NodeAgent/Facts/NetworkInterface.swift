package import MusterCore

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// A network interface with its addresses, as Salt reads them from `ip addr`.
package struct NetworkInterface: Sendable, Hashable {
    package struct Address: Sendable, Hashable {
        package var address: IPAddress
        package var prefixLength: Int
        package var broadcast: IPAddress?
        /// The name the address was given under, as `eth0:1`.
        package var label: String
        /// Whether an earlier address of the interface is in the same IPv4 network.
        package var isSecondary = false
    }

    package var name: String
    package var isUp: Bool
    /// The interface this one sits on, as `eth0` under a VLAN or `if5` in another namespace.
    package var parent: String?
    /// `02:fc:00:00:00:01`; nil for interfaces without one.
    package var hardwareAddress: String?
    package var addresses: [Address] = []
}

extension NetworkInterface {
    /// The map that Salt's `network.interfaces` shows.
    package var saltValue: Value {
        var map = ValueMap()
        map["up"] = .bool(isUp)
        if let parent { map["parent"] = .string(parent) }
        if let hardwareAddress { map["hwaddr"] = .string(hardwareAddress) }
        for (key, members) in [
            ("inet", addresses.filter { $0.address.isIPv4 && !$0.isSecondary }),
            ("inet6", addresses.filter { !$0.address.isIPv4 }),
            ("secondary", addresses.filter { $0.address.isIPv4 && $0.isSecondary }),
        ] where !members.isEmpty {
            map[key] = .array(members.map(\.saltValue))
        }
        return .map(map)
    }
}

extension NetworkInterface.Address {
    /// The network the address lies in.
    package var network: Subnet? { Subnet(containing: address, prefixLength: prefixLength) }

    /// `255.255.255.0` for IPv4.
    package var netmask: IPAddress? {
        IPAddress(bytes: [UInt8](repeating: 255, count: address.bytes.count))
            .flatMap { Subnet(containing: $0, prefixLength: prefixLength) }?.address
    }

    package var saltValue: Value {
        var map = ValueMap()
        if isSecondary { map["type"] = "inet" }
        map["address"] = .string(address.description)
        if address.isIPv4 {
            map["netmask"] = netmask.map { .string($0.description) } ?? .null
            map["broadcast"] = broadcast.map { .string($0.description) } ?? .null
            map["label"] = .string(label)
        } else {
            map["prefixlen"] = .string(String(prefixLength))
            map["scope"] = .string(scope)
        }
        return .map(map)
    }

    /// The reach of an IPv6 address, as the kernel derives it.
    private var scope: String {
        if address.isLoopback { return "host" }
        switch (address.bytes[0], address.bytes[1] & 0xc0) {
        case (0xfe, 0x80): return "link"
        case (0xfe, 0xc0): return "site"
        default: return "global"
        }
    }
}

extension NetworkInterface {
    /// The interfaces of this machine, in the kernel's order. Empty when the kernel refuses.
    package static func all(files: SystemFiles) -> [NetworkInterface] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { return [] }
        defer { freeifaddrs(head) }
        var found: [NetworkInterface] = []
        var next = head
        while let entry = next?.pointee {
            next = entry.ifa_next
            let label = String(cString: entry.ifa_name)
            let name = label.split(separator: ":").first.map(String.init) ?? label
            let isUp = entry.ifa_flags & UInt32(IFF_UP) != 0
            let index =
                found.firstIndex { $0.name == name }
                ?? {
                    found.append(
                        NetworkInterface(
                            name: name, isUp: isUp, parent: parent(of: name, files),
                            hardwareAddress: hardwareAddress(of: name, files)))
                    return found.count - 1
                }()
            guard let socket = entry.ifa_addr else { continue }
            if let address = IPAddress(socket), let mask = entry.ifa_netmask.flatMap(IPAddress.init) {
                let hasBroadcast = entry.ifa_flags & UInt32(IFF_BROADCAST) != 0
                let broadcast = hasBroadcast ? entry.ifa_ifu.ifu_broadaddr.flatMap(IPAddress.init) : nil
                found[index].add(
                    Address(
                        address: address, prefixLength: Subnet.length(of: mask) ?? address.bytes.count * 8,
                        broadcast: address.isIPv4 ? broadcast : nil, label: label))
            }
        }
        return found
    }

    /// Adds an address; a second IPv4 address in the same network is secondary, as the kernel marks it.
    package mutating func add(_ address: Address) {
        var address = address
        address.isSecondary =
            address.address.isIPv4
            && addresses.contains {
                $0.network == address.network && $0.prefixLength == address.prefixLength && !$0.isSecondary
            }
        addresses.append(address)
    }

    /// The kernel's text; empty for interfaces without an address.
    private static func hardwareAddress(of name: String, _ files: SystemFiles) -> String? {
        files.trimmedText("/sys/class/net/\(name)/address").flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func parent(of name: String, _ files: SystemFiles) -> String? {
        let directory = "/sys/class/net/\(name)"
        guard let link = files.trimmedText("\(directory)/iflink"), let own = files.trimmedText("\(directory)/ifindex"),
            link != own, link != "0"
        else { return nil }
        let other = files.names(in: "/sys/class/net").first {
            files.trimmedText("/sys/class/net/\($0)/ifindex") == link
        }
        return other ?? "if\(link)"
    }
}
