import MusterCore

/// The kernel's TCP and UDP sockets, from `/proc/net`, with the programs that hold them where this process may see them.
struct SocketTable {
    let proto: String
    let local: (address: IPAddress, port: UInt16)
    let remote: (address: IPAddress, port: UInt16)
    let state: Int
    let sendQueue: Int
    let receiveQueue: Int
    let user: String
    let inode: String
    var program = "-"

    private static let states = [
        "", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
        "LAST_ACK", "LISTEN", "CLOSING",
    ]

    static func all(_ files: SystemFiles) -> [SocketTable] {
        let holders = programs(files)
        return ["tcp", "tcp6", "udp", "udp6"].flatMap { read($0, files) }.map { socket in
            var socket = socket
            socket.program = holders[socket.inode] ?? "-"
            return socket
        }
    }

    /// Established TCP connections.
    static func connections(_ files: SystemFiles) -> [SocketTable] {
        ["tcp", "tcp6"].flatMap { read($0, files) }.filter { $0.state == 1 }
    }

    /// The row of Salt's `network.netstat`.
    var netstat: Value {
        var row: ValueMap = [
            "proto": .string(proto), "recv-q": .string(String(receiveQueue)), "send-q": .string(String(sendQueue)),
            "local-address": .string(Self.text(local)), "remote-address": .string(Self.text(remote)),
        ]
        if proto.hasPrefix("tcp") {
            row["state"] = .string(Self.states.indices.contains(state) ? Self.states[state] : "UNKNOWN")
        }
        row["user"] = .string(user)
        row["inode"] = .string(inode)
        row["program"] = .string(program)
        return .map(row)
    }

    /// The entry of Salt's `network.active_tcp`.
    var connection: Value {
        [
            "local_addr": .string(local.address.description), "local_port": .string(String(local.port)),
            "remote_addr": .string(remote.address.description), "remote_port": .string(String(remote.port)),
        ]
    }

    private static func text(_ end: (address: IPAddress, port: UInt16)) -> String {
        "\(end.address):\(end.port == 0 ? "*" : String(end.port))"
    }

    private static func read(_ proto: String, _ files: SystemFiles) -> [SocketTable] {
        files.lines("/proc/net/\(proto)").dropFirst().compactMap { line in
            let words = line.words
            guard words.count >= 10, let local = end(words[1]), let remote = end(words[2]),
                let state = Int(words[3], radix: 16)
            else { return nil }
            let queues = words[4].split(separator: ":").compactMap { Int($0, radix: 16) }
            guard queues.count == 2 else { return nil }
            return SocketTable(
                proto: proto, local: local, remote: remote, state: state, sendQueue: queues[0], receiveQueue: queues[1],
                user: String(words[7]), inode: String(words[9]))
        }
    }

    /// `0100007F:1A0A`: words of four bytes in the machine's order, then the port.
    private static func end(_ text: Substring) -> (address: IPAddress, port: UInt16)? {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
        var bytes: [UInt8] = []
        var rest = parts[0]
        while !rest.isEmpty {
            guard let word = NetworkFacts.hexIPv4(rest.prefix(8)) else { return nil }
            bytes += word.bytes
            rest = rest.dropFirst(8)
        }
        return IPAddress(bytes: bytes).map { ($0, port) }
    }

    /// `pid/name` by socket inode.
    private static func programs(_ files: SystemFiles) -> [String: String] {
        var holders: [String: String] = [:]
        for id in files.names(in: "/proc") where id.first?.isNumber == true {
            for descriptor in files.names(in: "/proc/\(id)/fd") {
                guard let target = files.linkTarget("/proc/\(id)/fd/\(descriptor)"), target.hasPrefix("socket:[") else {
                    continue
                }
                let name = files.trimmedText("/proc/\(id)/comm") ?? ""
                holders[String(target.dropFirst(8).dropLast())] = "\(id)/\(name)"
            }
        }
        return holders
    }
}
