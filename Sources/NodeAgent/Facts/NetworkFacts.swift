import MusterCore
import NIOPosix

/// Addresses, names, gateways and the resolver's configuration.
///
/// Source: Salt 3008, `salt/grains/core.py` (`hostname`, `ip_fqdn`, `fqdns`, `dns`, `default_gateway`), `salt/utils/dns.py`.
enum NetworkFacts {
    /// - Parameter resolvesAddresses: Whether every address is looked up for `fqdns` (Salt's `enable_fqdns_grains`).
    static func gather(_ source: FactsSource, resolvesAddresses: Bool) async -> ValueMap {
        let interfaces = source.interfaces()
        var facts = addresses(interfaces)
        let names = source.names
        let host = names.hostName()
        let fqdn = await blocking { names.canonicalName(host) } ?? host
        let own = await blocking { names.addresses(fqdn) }
        facts["localhost"] = .string(host)
        facts["fqdn"] = .string(fqdn)
        let parts = fqdn.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        facts["host"] = .string(String(parts[0]))
        facts["domain"] = .string(parts.count > 1 ? String(parts[1]) : "")
        for (key, ownKey, isIPv4) in [("ipv4", "fqdn_ip4", true), ("ipv6", "fqdn_ip6", false)] {
            let found = own.filter { $0.isIPv4 == isIPv4 }.map { Value.string($0.description) }
            facts[ownKey] = .array(facts[key]?.array?.isEmpty == true ? [] : found)
        }
        facts["fqdns"] = .array(resolvesAddresses ? await names.names(of: interfaces).map(Value.string) : [])
        facts.merge(gateways(source.files))
        if let dns = resolver(source.files) { facts["dns"] = dns }
        return facts
    }

    // MARK: Addresses

    private static func addresses(_ interfaces: [NetworkInterface]) -> ValueMap {
        func list(_ addresses: some Sequence<IPAddress>) -> Value { .array(addresses.map { .string($0.description) }) }
        func byInterface(_ isWanted: (IPAddress) -> Bool) -> Value {
            var map = ValueMap()
            for interface in interfaces {
                // Secondary addresses stand after the others.
                let primary = interface.addresses.filter { !$0.isSecondary }
                let ordered = primary.filter(\.address.isIPv4) + primary.filter { !$0.address.isIPv4 }
                let all = ordered + interface.addresses.filter(\.isSecondary)
                map[interface.name] = list(all.map(\.address).filter(isWanted))
            }
            return .map(map)
        }
        var hardware = ValueMap()
        for interface in interfaces { hardware[interface.name] = interface.hardwareAddress.map(Value.string) }
        let all = Set(interfaces.flatMap { $0.addresses.map(\.address) }).sorted()
        return [
            "hwaddr_interfaces": .map(hardware), "ip4_interfaces": byInterface(\.isIPv4),
            "ip6_interfaces": byInterface { !$0.isIPv4 }, "ip_interfaces": byInterface { _ in true },
            "ipv4": list(all.filter(\.isIPv4)), "ipv6": list(all.filter { !$0.isIPv4 }),
        ]
    }

    // MARK: Gateways

    private static func gateways(_ files: SystemFiles) -> ValueMap {
        let four = routes(files).filter { $0.isDefault && $0.gateway?.isIPv4 != false && $0.isIPv4 }
        let six = routes(files).filter { $0.isDefault && !$0.isIPv4 }
        func gateway(_ routes: [Route]) -> Value {
            guard let best = routes.min(by: { $0.metric < $1.metric }) else { return false }
            return best.gateway.map { .string($0.description) } ?? true
        }
        return [
            "ip_gw": .bool(!four.isEmpty || !six.isEmpty), "ip4_gw": gateway(four), "ip6_gw": gateway(six),
        ]
    }

    /// One line of the kernel's routing tables.
    struct Route {
        let isIPv4: Bool
        let interface: String
        let destination: Subnet
        let gateway: IPAddress?
        let metric: UInt64
        let flags: UInt64

        var isDefault: Bool { destination.prefixLength == 0 }
    }

    /// The usable routes of `/proc/net/route` and `/proc/net/ipv6_route`.
    static func routes(_ files: SystemFiles) -> [Route] {
        var routes: [Route] = []
        for line in files.lines("/proc/net/route").dropFirst() {
            let columns = line.words
            guard columns.count >= 8, let destination = hexIPv4(columns[1]), let gateway = hexIPv4(columns[2]),
                let mask = hexIPv4(columns[7]), let length = Subnet.length(of: mask),
                let network = Subnet(containing: destination, prefixLength: length),
                let flags = UInt64(columns[3], radix: 16), let metric = UInt64(columns[6])
            else { continue }
            routes.append(
                Route(
                    isIPv4: true, interface: String(columns[0]), destination: network,
                    gateway: gateway.bytes.allSatisfy { $0 == 0 } ? nil : gateway, metric: metric, flags: flags))
        }
        for line in files.lines("/proc/net/ipv6_route") {
            let columns = line.words
            guard columns.count >= 10, let destination = hexIPv6(columns[0]), let length = Int(columns[1], radix: 16),
                let network = Subnet(containing: destination, prefixLength: length),
                let gateway = hexIPv6(columns[4]),
                let metric = UInt64(columns[5], radix: 16), let flags = UInt64(columns[8], radix: 16)
            else { continue }
            // Rejecting and local entries are not what `ip route` shows.
            guard flags & 0x200 == 0, flags & 0x8000_0000 == 0 else { continue }
            routes.append(
                Route(
                    isIPv4: false, interface: String(columns[9]), destination: network,
                    gateway: gateway.bytes.allSatisfy { $0 == 0 } ? nil : gateway, metric: metric, flags: flags))
        }
        return routes
    }

    /// Eight digits in the machine's byte order, which is little-endian wherever Swift runs.
    static func hexIPv4(_ text: Substring) -> IPAddress? {
        guard let number = UInt32(text, radix: 16) else { return nil }
        return IPAddress(bytes: [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) })
    }

    private static func hexIPv6(_ text: Substring) -> IPAddress? {
        let digits = Array(text.utf8)
        guard digits.count == 32 else { return nil }
        let bytes = stride(from: 0, to: 32, by: 2).compactMap {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
        }
        return IPAddress(bytes: bytes)
    }

    // MARK: Resolver

    private static func resolver(_ files: SystemFiles) -> Value? {
        let systemd = "/run/systemd/resolve/resolv.conf"
        let path = files.exists(systemd) ? systemd : "/etc/resolv.conf"
        guard let text = files.text(path) else { return nil }
        var servers: [IPAddress] = []
        var sortlist: [Value] = []
        var domain = ""
        var search: [Value] = []
        var options: [Value] = []
        for line in text.split(separator: "\n") {
            let words = line.words
            guard let directive = words.first?.lowercased() else { continue }
            let arguments = words.dropFirst().prefix { !$0.hasPrefix("#") && !$0.hasPrefix(";") }
            guard let first = arguments.first else { continue }
            switch directive {
            case "nameserver":
                if let address = IPAddress(first), !servers.contains(address) { servers.append(address) }
            case "domain": domain = String(first)
            case "search": search = arguments.map { .string(String($0)) }
            case "sortlist": sortlist += arguments.compactMap(sortNetwork)
            case "options": if !options.contains(.string(String(first))) { options.append(.string(String(first))) }
            default: break
            }
        }
        func list(_ addresses: [IPAddress]) -> Value { .array(addresses.map { .string($0.description) }) }
        return [
            "nameservers": list(servers), "ip4_nameservers": list(servers.filter(\.isIPv4)),
            "ip6_nameservers": list(servers.filter { !$0.isIPv4 }), "sortlist": .array(sortlist),
            "domain": .string(domain), "search": .array(search), "options": .array(options),
        ]
    }

    /// A network with its mask spelt out; an address alone has the mask of its historic class.
    private static func sortNetwork(_ text: Substring) -> Value? {
        guard var network = Subnet(text) else { return nil }
        if !text.contains("/"), network.address.isIPv4 {
            let first = network.address.bytes[0]
            let length = first < 128 ? 8 : first < 192 ? 16 : 24
            guard let natural = Subnet(containing: network.address, prefixLength: length) else { return nil }
            network = natural
        }
        let ones = [UInt8](repeating: 255, count: network.address.bytes.count)
        guard
            let mask = IPAddress(bytes: ones).flatMap({ Subnet(containing: $0, prefixLength: network.prefixLength) })
        else { return nil }
        return .string("\(network.address)/\(mask.address)")
    }
}

extension NameResolver {
    /// The names of all addresses that are not loopback, sorted, each once. Asks in parallel.
    func names(of interfaces: [NetworkInterface]) async -> [String] {
        let addresses = Set(interfaces.flatMap { $0.addresses.map(\.address) }.filter { !$0.isLoopback })
        return await withTaskGroup(of: String?.self) { group in
            for address in addresses {
                group.addTask { await blocking { name(address) } }
            }
            var names: Set<String> = []
            for await name in group { if let name { names.insert(name) } }
            return names.sorted()
        }
    }
}

/// Runs what may block on a thread made for that.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    // The pool refuses only after the process began to end: then it does not matter which thread waits.
    do {
        return try await NIOThreadPool.singleton.runIfActive(body)
    } catch {
        return body()
    }
}
