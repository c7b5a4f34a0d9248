import MCollectiveProtocol
import MusterCore

extension CollectiveAgent {
    /// `nettest`: tests the network from the node.
    package static let nettest = CollectiveAgent(
        StandardDDLs.agent(named: "nettest") ?? DDL(),
        actions: [
            "ping": NetTestAgent.ping,
            "connect": { call in
                let host = call.text("fqdn") ?? ""
                guard let port = call.number("port").flatMap({ UInt16(exactly: $0) }), port > 0 else {
                    throw ActionFailure("The port must be between 1 and 65535", status: .invalidData)
                }
                let start = ContinuousClock.now
                let status = await blocking { NetTestAgent.connect(host, port) }
                let milliseconds = (ContinuousClock.now - start).microseconds / 1000
                let fraction = String(milliseconds % 1000)
                let time = "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
                return RubyHash(outputs: [
                    "connect": .bool(status == .connected), "connect_status": .text(status.rawValue),
                    "connect_time": .text(time),
                ])
            },
        ])
}

extension DataPlugin {
    /// Whether a port can be reached.
    static let nettest = DataPlugin("nettest") { query, _ in
        let text = query ?? ""
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw ActionFailure("'\(text)' is no HOST:PORT", status: .invalidData)
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        let status = await blocking { NetTestAgent.connect(host, port) }
        return RubyHash(outputs: ["connect": .bool(status == .connected)])
    }
}

private enum NetTestAgent {
    enum Status: String {
        case connected = "Connected"
        case refused = "Connection refused or timed out"
        case unknown = "Could not resolve the name of the host"
    }

    /// Blocks for some seconds at most.
    static func connect(_ host: String, _ port: UInt16) -> Status {
        let addresses = IPAddress(host).map { [$0] } ?? NameResolver.system.addresses(host)
        guard !addresses.isEmpty else { return .unknown }
        let isReached = addresses.prefix(4).contains {
            PortProbe.connects(to: $0, port: port, isStream: true, timeout: .seconds(3))
        }
        return isReached ? .connected : .refused
    }

    @Sendable static func ping(_ call: ActionCall) async throws -> RubyHash {
        var command = ProcessCommand(["ping", "-n", "-c", "1", "-W", "5", "--", call.text("fqdn") ?? ""])
        command.environment = ["LC_ALL": "C"]
        command.mergesError = true
        let result = try await call.context.functions.processes.run(command)
        let output = String(decoding: result.output, as: UTF8.self)
        // 64 bytes from 127.0.0.1: icmp_seq=1 ttl=64 time=0.034 ms
        guard let mark = output.firstRange(of: "time="),
            let time = Double(output[mark.upperBound...].prefix { $0.isNumber || $0 == "." })
        else {
            throw ActionFailure("Cannot reach host", outputs: RubyHash(outputs: ["rtt": .null]))
        }
        return RubyHash(outputs: ["rtt": .double(time)])
    }
}
