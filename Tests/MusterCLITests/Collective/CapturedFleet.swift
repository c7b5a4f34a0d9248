import MCollectiveProtocol

@testable import MusterCLI

/// The three nodes that the captures were made with, as far as the captures show them.
enum CapturedFleet {
    private static let countries = ["node1": "uk", "node2": "de", "node3": "de"]
    private static let roles = ["node1": "web", "node2": "web", "node3": "db"]
    private static let system: RubyValue = .hash([("name", "Debian"), ("release", "12")])
    private static let agents: RubyValue = [
        "package", "puppet", "shell", "service", "filemgr", "discovery", "rpcutil",
    ]
    private static let collectives: RubyValue = ["mcollective", "sub1"]

    /// A fleet that answers as it did for a capture.
    ///
    /// - Parameter capture: One of its streams, from which the order of the nodes and the time of the answers are taken.
    static func collective(_ capture: String, nodes: [String]? = nil, settings: String = "") -> FakeCollective {
        let seen = TerminalCapture.nodes(in: capture)
        let order = nodes ?? seen + ["node1", "node2", "node3"].filter { !seen.contains($0) }
        let time = capture.firstMatch(of: #/(Timestamp: |pong[^0-9]{1,3})(\d{10})/#).flatMap { Int64($0.output.2) } ?? 0
        return FakeCollective(order, settings: settings) { node, body in
            guard let request = try? RPCRequest(body: body, agent: "") else { return nil }
            return answer(request, node, time: time, capture).body
        }
    }

    private static func answer(
        _ request: RPCRequest, _ node: String, time: Int64, _ capture: String
    ) -> RPCReply {
        switch (request.agent, request.action) {
        case ("rpcutil", "ping"): return reply([("pong", .int(time))])
        case ("rpcutil", "get_fact"):
            let fact = request.inputs[named: "fact"]?.text ?? ""
            return reply([("fact", .text(fact)), ("value", self.fact(fact, node))])
        case ("rpcutil", "get_facts"):
            let names = (request.inputs[named: "facts"]?.text ?? "").split(separator: ",").map(String.init)
            return reply([("values", .hash(names.map { (.text($0), fact($0, node)) }))])
        case ("rpcutil", "get_config_item"):
            let item = request.inputs[named: "item"]?.text ?? ""
            guard item == "identity" else {
                return reply(.aborted, "Unknown config property \(item)", [("item", .null), ("value", .null)])
            }
            return reply([("item", .text(item)), ("value", .text(node))])
        case ("rpcutil", "get_data"): return data(request)
        case ("rpcutil", "collective_info"):
            return reply([("main_collective", "mcollective"), ("collectives", collectives)])
        case ("rpcutil", "inventory"): return inventory
        case ("rpcutil", "daemon_stats"): return statistics(capture)
        case ("rpcutil", "agent_inventory"): return reply([("agents", .array(inventories))])
        default: return plugin(request, capture)
        }
    }

    static func reply(_ data: [(String, RubyValue)]) -> RPCReply { reply(.ok, "OK", data) }

    static func reply(
        _ status: RPCStatus, _ message: String, _ data: [(String, RubyValue)]
    ) -> RPCReply {
        RPCReply(status, message: message, data: RubyHash(data.map { (.symbol($0.0), $0.1) }))
    }

    private static func fact(_ name: String, _ node: String) -> RubyValue {
        switch name {
        case "country": .text(countries[node] ?? "")
        case "role": .text(roles[node] ?? "")
        case "os": system
        default: .null
        }
    }

    private static func data(_ request: RPCRequest) -> RPCReply {
        switch (request.inputs[named: "source"]?.text, request.inputs[named: "query"]?.text) {
        case ("collective", _): return reply([("member", true)])
        case ("fact", "os"):
            return reply([
                ("exists", true), ("value", #"{"name":"Debian","release":"12"}"#),
                ("value_encoding", "application/json"),
            ])
        case ("fact", _): return reply([("exists", true), ("value", "Debian"), ("value_encoding", "text/plain")])
        case ("fstat", _):
            let time: RubyValue = "2026-11-21 06:12:26"
            let times = ["atime", "ctime", "mtime"].flatMap { (name: String) -> [(String, RubyValue)] in
                [(name, time), ("\(name)_age", 1388), ("\(name)_seconds", 1_795_241_546)]
            }
            return reply(
                times + [
                    ("name", "/etc/hosts"), ("output", "present"), ("present", 1), ("size", 49), ("mode", "100755"),
                    ("md5", "c23b79d8c16cdfdb8fcdf9289be02196"), ("type", "file"), ("uid", 0), ("gid", 0),
                ])
        case (let source, _): return reply(.unknownError, "No plugin \(source ?? "")_data defined", [])
        }
    }

    private static var inventory: RPCReply {
        let plugins = ["agent", "collective", "fact", "fstat", "package", "puppet", "resource", "service"]
        let facts: [(RubyValue, RubyValue)] = [
            ("hostname", "node1"), ("role", "web"), ("country", "uk"), ("cpus", "2"), ("load", "0.1"), ("os", system),
            ("mcollective", "1"),
        ]
        let data: [(String, RubyValue)] = [
            ("agents", agents), ("facts", .hash(facts)), ("classes", ["base", "role_web", "class1"]),
            ("version", "2.12.5"), ("main_collective", "mcollective"), ("collectives", collectives),
            ("data_plugins", .array(plugins.map { .text("\($0)_data") })),
        ]
        return reply(data)
    }

    /// The numbers are those that the capture shows, under the labels of `rpc` and of `inventory`.
    private static func statistics(_ capture: String) -> RPCReply {
        func number(_ labels: String...) -> RubyValue {
            for label in labels {
                guard let range = capture.firstRange(of: " \(label): ") else { continue }
                return .int(Int64(capture[range.upperBound...].prefix { $0.isNumber }) ?? 0)
            }
            return 0
        }
        func seconds(_ pattern: Regex<(Substring, Substring)>) -> RubyValue {
            .double(capture.firstMatch(of: pattern).flatMap { Double($0.output.1) } ?? 0)
        }
        let threads = capture.matches(of: #/"(#<Thread[^"]*)"/#).map { RubyValue.text(String($0.output.1)) }
        return reply([
            ("threads", .array(threads)), ("agents", agents), ("pid", number("PID", "Process ID")),
            (
                "times",
                .hash([
                    (.symbol("utime"), seconds(#/(?:Total Processor Time: |utime=>)([0-9.]+)/#)),
                    (.symbol("stime"), seconds(#/(?:System Time: |stime=>)([0-9.]+)/#)),
                    (.symbol("cutime"), seconds(#/cutime=>([0-9.]+)/#)),
                    (.symbol("cstime"), seconds(#/cstime=>([0-9.]+)/#)),
                ])
            ),
            ("configfile", "/etc/mcollective/server.cfg"), ("version", "2.12.5"),
            ("validated", number("Security Validated")), ("unvalidated", 0),
            ("passed", number("Passed Filter", "Messages Passed Filters")),
            ("filtered", number("Failed Filter", "Messages Filtered")), ("starttime", number("Start Time")),
            ("total", number("Total Messages")), ("ttlexpired", 0), ("replies", number("Replies", "Replies Sent")),
        ])
    }

    private static var inventories: [RubyValue] {
        [
            (
                "discovery", "Apache License, Version 2", 5, "MCollective Discovery Agent", "Discovery Agent",
                "https://docs.puppetlabs.com/mcollective/", "2.12.5", "AUTHOR"
            ),
            (
                "filemgr", "ASL 2.0", 5, "File Manager", "filemgr", "http://www.puppetlabs.com/mcollective", "1.1.0",
                "AUTHOR"
            ),
            (
                "package", "ASL 2.0", 180, "Install and uninstall software packages", "package",
                "https://github.com/puppetlabs/mcollective-package-agent", "4.7.0", "AUTHOR"
            ),
            (
                "puppet", "ASL2.0", 20, "Run Puppet agent, get its status, and enable/disable it", "puppet",
                "https://github.com/puppetlabs/mcollective-puppet-agent", "1.14.0", "AUTHOR"
            ),
            (
                "rpcutil", "Apache License, Version 2.0", 10,
                "General helpful actions that expose stats and internals to SimpleRPC clients", "rpcutil",
                "https://docs.puppetlabs.com/mcollective/", "1.0", "AUTHOR"
            ),
            (
                "service", "ASL 2.0", 60, "Start and stop system services", "service",
                "https://github.com/puppetlabs/mcollective-service-agent", "3.2.0", "AUTHOR"
            ),
            (
                "shell", "ASL 2.0", 180, "Run commands with the local shell", "shell",
                "https://github.com/puppetlabs/mcollective-shell-agent", "0.0.2", "Puppet Labs"
            ),
        ].map { (fields: (String, String, Int64, String, String, String, String, String)) in
            .hash([
                (.symbol("agent"), .text(fields.0)), (.symbol("license"), .text(fields.1)),
                (.symbol("timeout"), .int(fields.2)), (.symbol("description"), .text(fields.3)),
                (.symbol("name"), .text(fields.4)), (.symbol("url"), .text(fields.5)),
                (.symbol("version"), .text(fields.6)), (.symbol("author"), .text(fields.7)),
            ])
        }
    }
}
