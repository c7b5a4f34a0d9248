import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@Suite struct StandardDDLTests {
    /// What an unchanged `mco plugin doc` showed of a plugin: lines of `LABEL: VALUE` below the name of each input and
    /// output, in the order of the names.
    private struct Shown {
        var lines: [String]

        init(_ name: String) throws {
            lines = try PackageFile.text("Tests/Vectors/mcollective/terminal/\(name).txt").split(separator: "\n")
                .map { String($0.drop(while: \.isWhitespace)) }
        }

        func contains(_ wanted: [String]) -> Bool {
            lines.indices.contains { lines[$0...].starts(with: wanted) }
        }
    }

    private func check(_ action: DDLAction, isShownIn shown: Shown) {
        for input in action.inputs {
            guard case .string(let validation, let length) = input.kind else { continue }
            var wanted = ["Description: \(input.description)", "Prompt: \(input.prompt)", "Type: string"]
            if action.name != "data" { wanted.append("Optional: \(input.isOptional)") }
            wanted += ["Validation: \(validation.shown)", "Length: \(length)"]
            #expect(shown.contains(wanted), "\(action.name) \(input.name)")
        }
        for output in action.outputs {
            let wanted = [
                "\(output.name):", "Description: \(output.description)", "Display As: \(output.displayAs)",
            ]
            #expect(shown.contains(wanted), "\(action.name) \(output.name)")
        }
    }

    @Test func describesRpcutilAsThePeersShowIt() throws {
        let shown = try Shown("plugin-doc-rpcutil")
        let ddl = try #require(StandardDDLs.agent(named: "rpcutil"))
        #expect(shown.lines.contains(ddl.metadata.description))
        #expect(shown.lines.contains(ddl.actions.map(\.name).sorted().joined(separator: ", ")))
        for action in ddl.actions {
            #expect(shown.lines.contains(action.description))
            check(action, isShownIn: shown)
        }
    }

    @Test func describesTheDataOfFilesAsThePeersShowIt() throws {
        let ddl = try #require(StandardDDLs.data(named: "fstat"))
        #expect(ddl.metadata.name == "File Stat")
        check(try #require(ddl.dataQuery), isShownIn: try Shown("plugin-doc-fstat"))
    }

    @Test func saysOfEveryPluginWhatTheListOfThePeersSays() throws {
        let lines = try Shown("plugin-doc").lines
        func line(_ name: String, _ description: String) -> String {
            name + String(repeating: " ", count: max(0, 26 - name.count)) + description
        }
        for ddl in StandardDDLs.agents + StandardDDLs.discoveryMethods {
            #expect(lines.contains(line(ddl.metadata.name, ddl.metadata.description)))
        }
        for (name, ddl) in StandardDDLs.dataPlugins { #expect(lines.contains(line(name, ddl.metadata.description))) }
    }

    @Test func hasNoPatternThatIsRefused() throws {
        let actions =
            StandardDDLs.agents.flatMap(\.actions) + StandardDDLs.dataPlugins.compactMap(\.description.dataQuery)
        for action in actions {
            for input in action.inputs { #expect(input.problem(with: "") != .invalidPattern, "\(action.name)") }
            // A default that the description itself refuses would make every call fail.
            for input in action.inputs { #expect(input.default.flatMap(input.problem) == nil) }
        }
    }

    @Test(
        "takes and refuses inputs",
        arguments: [
            ("puppet", "runonce", "server", "puppet.example.com:8140", true),
            ("puppet", "runonce", "server", "-x", false), ("puppet", "runonce", "tags", "one,two::three", true),
            ("puppet", "runonce", "tags", "one; rm", false), ("puppet", "disable", "message", "a `b`", false),
            ("package", "install", "package", "lib+x-1.0", true), ("package", "install", "package", "x;y", false),
            ("service", "start", "service", "getty@tty1.service", true),
            ("service", "start", "service", "--now", false),
            ("nettest", "ping", "fqdn", "::1", true), ("nettest", "ping", "fqdn", "-c1000", false),
            ("shell", "status", "handle", "0a-b", true), ("shell", "status", "handle", "../x", false),
            // One good line in it is not enough.
            ("shell", "status", "handle", "../x\nabc", false), ("service", "start", "service", "--now\nsshd", false),
        ])
    func checks(agent: String, action: String, input: String, value: String, isAccepted: Bool) throws {
        let action = try #require(StandardDDLs.agent(named: agent)?.action(action))
        let input = try #require(action.inputs.first { $0.name == input })
        #expect((input.problem(with: .text(value)) == nil) == isAccepted)
    }
}
