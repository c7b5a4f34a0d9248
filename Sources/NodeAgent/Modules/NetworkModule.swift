import MusterCore
import SaltProtocol

extension ExecutionModule {
    /// Salt's `network`: interfaces, addresses, routes and connections.
    package static let network = NetworkModule.module(
        files: SystemFiles(), interfaces: { NetworkInterface.all(files: SystemFiles()) }, names: .system)
}

/// Source: Salt 3008, `salt/modules/network.py`, `salt/utils/network.py`.
enum NetworkModule {
    static func module(
        files: SystemFiles, interfaces: @escaping @Sendable () -> [NetworkInterface], names: NameResolver
    ) -> ExecutionModule {
        ExecutionModule(
            "network", summary: "Show interfaces, addresses, routes and connections",
            functions: interfaceFunctions(interfaces) + addressFunctions(interfaces) + pureFunctions
                + nameFunctions(interfaces, names) + tableFunctions(files) + [ping, connect(names)])
    }

    // MARK: Interfaces

    private static func interfaceFunctions(_ all: @escaping @Sendable () -> [NetworkInterface]) -> [ModuleFunction] {
        @Sendable func find(_ arguments: Arguments) -> (interface: NetworkInterface?, error: Value) {
            let name = arguments.text("iface")
            let interfaces = all()
            if let interface = interfaces.first(where: { $0.name == name }) { return (interface, .null) }
            let names = interfaces.map { "\"\($0.name)\"" }.joined(separator: ", ")
            return (nil, .string("Interface \"\(name)\" not in available interfaces: \(names)"))
        }
        return [
            ModuleFunction("interfaces", "Return all interfaces with their addresses.") { _, _ in
                var map = ValueMap()
                for interface in all() { map[interface.name] = interface.saltValue }
                return FunctionResult(.map(map))
            },
            ModuleFunction("interface", "Return the IPv4 addresses of an interface.", parameters: [.required("iface")])
            {
                arguments, _ in
                let found = find(arguments)
                return FunctionResult(found.interface.map { $0.saltValue["inet"] ?? "" } ?? found.error)
            },
            ModuleFunction(
                "interface_ip", "Return the first IPv4 address of an interface.", parameters: [.required("iface")]
            ) { arguments, _ in
                let found = find(arguments)
                let first = found.interface?.addresses.first { $0.address.isIPv4 }
                return FunctionResult(found.interface == nil ? found.error : .string(first?.address.description ?? ""))
            },
            ModuleFunction("hw_addr", "Return the hardware address of an interface.", parameters: [.required("iface")])
            {
                arguments, _ in hardwareAddress(find(arguments))
            },
            ModuleFunction("hwaddr", "Return the hardware address of an interface.", parameters: [.required("iface")]) {
                arguments, _ in hardwareAddress(find(arguments))
            },
            ModuleFunction(
                "ifacestartswith", "Return the interfaces with an IPv4 address that begins with a text.",
                parameters: [.required("cidr")]
            ) { arguments, _ in
                let names = all().filter { interface in
                    interface.addresses.contains {
                        $0.address.isIPv4 && $0.address.description.hasPrefix(arguments.text("cidr"))
                    }
                }
                return FunctionResult(.array(names.map { .string($0.name) }))
            },
        ]
    }

    private static func hardwareAddress(_ found: (interface: NetworkInterface?, error: Value)) -> FunctionResult {
        FunctionResult(found.interface.map { .string($0.hardwareAddress ?? "") } ?? found.error)
    }

    // MARK: Addresses

    private static func addressFunctions(_ all: @escaping @Sendable () -> [NetworkInterface]) -> [ModuleFunction] {
        @Sendable func selected(_ arguments: Arguments) -> [NetworkInterface.Address] {
            let globs = arguments.list("interface").map { Glob($0) }
            return all().filter { interface in globs.isEmpty || globs.contains { $0.matches(interface.name) } }
                .flatMap(\.addresses)
        }
        @Sendable func addresses(_ arguments: Arguments, isIPv4: Bool) throws -> [IPAddress] {
            let found = Set(selected(arguments).map(\.address).filter { $0.isIPv4 == isIPv4 }).sorted()
                .filter { !$0.isLoopback || arguments.isTrue("include_loopback") }
            guard let text = arguments.optionalText("cidr") else { return found }
            let network = try subnet(text)
            return found.filter(network.contains)
        }
        @Sendable func subnets(_ interfaces: [NetworkInterface], isIPv4: Bool) -> Value {
            let networks = interfaces.flatMap(\.addresses)
                .filter { $0.address.isIPv4 == isIPv4 && !$0.address.isLoopback }.compactMap(\.network)
            return .array(Set(networks).sorted().map { .string($0.description) })
        }
        func addressFunction(_ name: String, isIPv4: Bool) -> ModuleFunction {
            var parameters: [ModuleFunction.Parameter] = [
                .optional("interface"), .optional("include_loopback", false), .optional("cidr"),
            ]
            if isIPv4 { parameters.append(.optional("type")) }
            return ModuleFunction(
                name,
                "Return the \(isIPv4 ? "IPv4" : "IPv6") addresses, loopback only when asked for.\n\nCLI Example:\n\n    salt '*' network.\(name) eth0",
                parameters: parameters
            ) { arguments, _ in
                var found = try addresses(arguments, isIPv4: isIPv4)
                switch isIPv4 ? arguments.optionalText("type") : nil {
                case "public": found = found.filter { !$0.isPrivate }
                case "private": found = found.filter(\.isPrivate)
                default: break
                }
                return FunctionResult(list(found))
            }
        }
        return [
            addressFunction("ip_addrs", isIPv4: true), addressFunction("ipaddrs", isIPv4: true),
            addressFunction("ip_addrs6", isIPv4: false), addressFunction("ipaddrs6", isIPv4: false),
            ModuleFunction(
                "subnets", "Return the IPv4 networks the node is in.", parameters: [.optional("interfaces")]
            ) { arguments, _ in
                let names = arguments.list("interfaces")
                return FunctionResult(subnets(all().filter { names.isEmpty || names.contains($0.name) }, isIPv4: true))
            },
            ModuleFunction("subnets6", "Return the IPv6 networks the node is in.") { _, _ in
                FunctionResult(subnets(all(), isIPv4: false))
            },
            ModuleFunction(
                "in_subnet",
                "Whether the node has an address in a network.\n\nCLI Example:\n\n    salt '*' network.in_subnet 10.0.0.0/16",
                parameters: [.required("cidr")]
            ) { arguments, _ in
                let network = Subnet(arguments.text("cidr"))
                let own = all().flatMap { $0.addresses.map(\.address) }.filter { !$0.isLoopback }
                return FunctionResult(.bool(network.map { own.contains(where: $0.contains) } ?? false))
            },
        ]
    }

    private static let pureFunctions: [ModuleFunction] = [
        ModuleFunction(
            "ip_in_subnet", "Whether an address is in a network.",
            parameters: [.required("ip_addr"), .required("cidr")]
        ) { arguments, _ in
            FunctionResult(.bool(try subnet(arguments.text("cidr")).contains(try address(arguments.text("ip_addr")))))
        },
        ModuleFunction(
            "calc_net",
            "Return the network of an address and a mask.\n\nCLI Example:\n\n    salt '*' network.calc_net 172.17.0.5 255.255.255.240",
            parameters: [.required("ip_addr"), .optional("netmask")]
        ) { arguments, _ in
            let text =
                arguments.optionalText("netmask").map { "\(arguments.text("ip_addr"))/\($0)" }
                ?? arguments.text("ip_addr")
            return FunctionResult(.string(try network(of: text).description))
        },
        ModuleFunction(
            "convert_cidr",
            "Return network, mask and broadcast address.\n\nCLI Example:\n\n    salt '*' network.convert_cidr 172.31.0.0/16",
            parameters: [.required("cidr")]
        ) { arguments, _ in
            let network = try network(of: arguments.text("cidr"))
            let mask = Subnet(
                containing: network.address.filled(with: 255), prefixLength: network.prefixLength)?.address
            let broadcast = zip(network.address.bytes, mask?.bytes ?? []).map { $0 | ~$1 }
            return FunctionResult([
                "network": .string(network.address.description), "netmask": .string(mask?.description ?? ""),
                "broadcast": .string(IPAddress(bytes: broadcast)?.description ?? ""),
            ])
        },
        ModuleFunction("is_private", "Whether an address is private.", parameters: [.required("ip_addr")]) {
            arguments, _ in
            FunctionResult(.bool(try address(arguments.text("ip_addr")).isPrivate))
        },
        ModuleFunction("is_loopback", "Whether an address is a loopback one.", parameters: [.required("ip_addr")]) {
            arguments, _ in FunctionResult(.bool(try address(arguments.text("ip_addr")).isLoopback))
        },
        ModuleFunction(
            "reverse_ip", "Return the name that reverse look-ups ask for.", parameters: [.required("ip_addr")]
        ) {
            arguments, _ in FunctionResult(.string(try address(arguments.text("ip_addr")).reversePointer))
        },
    ]

    private static func list(_ addresses: [IPAddress]) -> Value { .array(addresses.map { .string($0.description) }) }

    private static func address(_ text: String) throws(FunctionError) -> IPAddress {
        guard let address = IPAddress(text) else {
            throw .failed(reason: "'\(text)' does not appear to be an IPv4 or IPv6 address")
        }
        return address
    }

    private static func subnet(_ text: String) throws(FunctionError) -> Subnet {
        guard let network = Subnet(text) else {
            throw .failed(reason: "'\(text)' does not appear to be an IPv4 or IPv6 network")
        }
        return network
    }

    /// The network around an address that may have host bits set.
    private static func network(of text: String) throws(FunctionError) -> Subnet {
        let parts = text.split(separator: "/", maxSplits: 1)
        let address = try address(String(parts.first ?? ""))
        let length =
            parts.count < 2
            ? address.bytes.count * 8 : Int(parts[1]) ?? IPAddress(parts[1]).flatMap(Subnet.length(of:)) ?? -1
        guard let network = Subnet(containing: address, prefixLength: length) else {
            throw .failed(reason: "'\(text)' does not appear to be an IPv4 or IPv6 network")
        }
        return network
    }

    // MARK: Names

    private static func nameFunctions(
        _ interfaces: @escaping @Sendable () -> [NetworkInterface], _ names: NameResolver
    ) -> [ModuleFunction] {
        [
            ModuleFunction("get_hostname", "Return the host name.") { _, _ in FunctionResult(.string(names.hostName()))
            },
            ModuleFunction("get_fqdn", "Return the fully qualified domain name.") { _, _ in
                let host = names.hostName()
                return FunctionResult(.string(await blocking { names.canonicalName(host) } ?? host))
            },
            ModuleFunction("fqdns", "Return the names of all addresses of the node.") { _, _ in
                FunctionResult(["fqdns": .array(await names.names(of: interfaces()).map(Value.string))])
            },
        ]
    }

    // MARK: Tables

    private static func tableFunctions(_ files: SystemFiles) -> [ModuleFunction] {
        [
            ModuleFunction(
                "routes", "Return the routing table, of one family or both.", parameters: [.optional("family")]
            ) { arguments, _ in FunctionResult(try routes(files, arguments) { _ in true }) },
            ModuleFunction(
                "default_route", "Return the default routes, of one family or both.", parameters: [.optional("family")]
            ) { arguments, _ in FunctionResult(try routes(files, arguments, where: \.isDefault)) },
            ModuleFunction("arp", "Return the neighbours' IPv4 addresses by hardware address.") { _, _ in
                var table = ValueMap()
                for line in files.lines("/proc/net/arp").dropFirst() {
                    let words = line.words.map(String.init)
                    guard words.count >= 4, words[2] != "0x0" else { continue }
                    table[words[3]] = .string(words[0])
                }
                return FunctionResult(.map(table))
            },
            ModuleFunction("netstat", "Return open and connected TCP and UDP sockets with their users and programs.") {
                _, _ in FunctionResult(.array(await blocking { SocketTable.all(files).map(\.netstat) }))
            },
            ModuleFunction("active_tcp", "Return the established TCP connections, numbered.") { _, _ in
                var table = ValueMap()
                for socket in SocketTable.connections(files) {
                    table.append(.int(Int64(table.count)), socket.connection)
                }
                return FunctionResult(.map(table))
            },
        ]
    }

    private static func routes(
        _ files: SystemFiles, _ arguments: Arguments, where isWanted: (NetworkFacts.Route) -> Bool
    ) throws -> Value {
        let family = arguments.optionalText("family")
        guard family == nil || family == "inet" || family == "inet6" else {
            throw FunctionError.failed(reason: "Invalid address family \(family ?? "")")
        }
        let all = NetworkFacts.routes(files).filter {
            isWanted($0) && (family == nil || $0.isIPv4 == (family == "inet"))
        }
        return .array(all.map(\.saltValue))
    }

    // MARK: Reaching others

    private static let ping = ModuleFunction(
        "ping",
        "Send four ICMP echo requests; return ping's words, or whether any was answered.\n\nCLI Example:\n\n    salt '*' network.ping archlinux.org return_boolean=True timeout=3",
        parameters: [.required("host"), .optional("timeout", false), .optional("return_boolean", false)]
    ) { arguments, context in
        let host = arguments.text("host")
        guard !host.isEmpty, !host.hasPrefix("-") else {
            throw FunctionError.failed(reason: "'\(host)' is no host name")
        }
        var command = ["ping", "-c", "4"]
        if arguments["timeout"].isTruthy { command += ["-W", String(try arguments.integer("timeout"))] }
        guard let output = try await context.output(of: command + ["--", host], timeout: .seconds(120)) else {
            throw FunctionError.failed(reason: "the program 'ping' is not installed")
        }
        guard arguments.isTrue("return_boolean") else { return FunctionResult(.string(output.trimmed)) }
        let received = output.split(separator: "\n").first { $0.has(" received") }?
            .split(separator: ",").first { $0.has("received") }?.words.first.flatMap { Int($0) }
        return FunctionResult(.bool((received ?? 0) > 0))
    }

    private static func connect(_ names: NameResolver) -> ModuleFunction {
        ModuleFunction(
            "connect",
            "Try to connect to a port.\n\nCLI Example:\n\n    salt '*' network.connect google-public-dns-a.google.com port=53 proto=udp timeout=3",
            parameters: [
                .required("host"), .optional("port"), .optional("proto", "tcp"), .optional("timeout", 5),
                .optional("family"),
            ]
        ) { arguments, _ in
            func answer(_ result: Bool, _ comment: String) -> FunctionResult {
                FunctionResult(["result": .bool(result), "comment": .string(comment)])
            }
            let host = arguments.text("host")
            guard !host.isEmpty else { return answer(false, "Required argument, host, is missing.") }
            guard arguments["port"].isTruthy, let port = UInt16(arguments.text("port")) else {
                return answer(false, "Required argument, port, is missing.")
            }
            let proto = arguments.text("proto").lowercased()
            guard proto == "tcp" || proto == "udp" else { return answer(false, "Unrecognized protocol \(proto)") }
            let timeout = Duration.seconds(try arguments.integer("timeout"))
            let family = arguments.optionalText("family")
            let candidates = await blocking {
                (IPAddress(host).map { [$0] } ?? names.addresses(host))
                    .filter { family == nil || $0.isIPv4 == (family == "ipv4") }
            }
            guard let address = candidates.first else {
                return answer(false, "Unable to resolve host \(host) on \(proto) port \(port)")
            }
            let place = "\(host) (\(address)) on \(proto) port \(port)"
            let isConnected = await blocking {
                PortProbe.connects(to: address, port: port, isStream: proto == "tcp", timeout: timeout)
            }
            return answer(
                isConnected, isConnected ? "Successfully connected to \(place)" : "Unable to connect to \(place)")
        }
    }
}

extension IPAddress {
    /// An address of the same family with all bytes alike.
    fileprivate func filled(with byte: UInt8) -> IPAddress {
        IPAddress(bytes: [UInt8](repeating: byte, count: bytes.count)) ?? self
    }

    fileprivate var reversePointer: String {
        if isIPv4 { return bytes.reversed().map(String.init).joined(separator: ".") + ".in-addr.arpa" }
        return Hex.encode(bytes).reversed().map(String.init).joined(separator: ".") + ".ip6.arpa"
    }
}

extension NetworkFacts.Route {
    /// The row that Salt makes of `netstat -rn`.
    fileprivate var saltValue: Value {
        let text = (flags & 1 != 0 ? "U" : "") + (flags & 2 != 0 ? "G" : "") + (flags & 4 != 0 ? "H" : "")
        if isIPv4 {
            let mask = Subnet(
                containing: destination.address.filled(with: 255), prefixLength: destination.prefixLength)?.address
            return [
                "addr_family": "inet", "destination": .string(destination.address.description),
                "gateway": .string(gateway?.description ?? "0.0.0.0"), "netmask": .string(mask?.description ?? ""),
                "flags": .string(text), "interface": .string(interface),
            ]
        }
        return [
            "addr_family": "inet6", "destination": .string(destination.description),
            "gateway": .string(gateway?.description ?? "::"), "netmask": "", "flags": .string(text),
            "interface": .string(interface),
        ]
    }
}
