import MusterCore
import MusterTestSupport
import Testing

@testable import MusterCLI

/// Our `mco` against the captures of the unchanged one: the same answers in the same order give the same text.
@Suite("mco prints what the unchanged mco prints")
struct CaptureTests {
    /// Who is there where it is not everybody.
    private static let nodes: [String: [String]] = [
        "rpc-none": [], "find-none": [], "find-S-bad": [], "ping-none": [], "inventory-none": [],
        "ping-fact": ["node2", "node3"], "find-S-func": ["node1", "node2"], "find-S": ["node2", "node3"],
        "find-W": ["node2"], "find-class-eq": ["node3"], "find-fact": ["node3", "node2"],
        "find-identity-regex": ["node2", "node1"], "broadcast-threshold": ["node2"],
        "rpc-daemon_stats": ["node1"], "rpc-collective_info": ["node1", "node2", "node3"],
    ]

    private static let captures = [
        "rpc-ping", "rpc-ping-v", "rpc-ping-np", "rpc-ping-json", "rpc-ping-one", "rpc-ping-sort", "rpc-ping-limit",
        "rpc-ping-limit-pct", "rpc-ping-limit-seed", "rpc-ping-batch", "rpc-noresponse", "rpc-none", "rpc-nr",
        "rpc-replyto", "rpc-get_fact", "rpc-get_fact-v", "rpc-get_fact-json", "rpc-get_facts", "rpc-get_config_item",
        "rpc-get_config_item-bad", "rpc-get_config_item-bad-failed", "rpc-get_data", "rpc-get_data-bad",
        "rpc-get_data-fact", "rpc-get_data-fact-struct", "rpc-get_data-fstat", "rpc-inventory",
        "rpc-agent_inventory", "rpc-daemon_stats", "rpc-collective_info", "rpc-bad-action", "rpc-bad-agent",
        "rpc-bad-arg", "rpc-missing-arg", "rpc-noargs", "broadcast-threshold", "broadcast-threshold3", "ping",
        "ping-fact", "ping-none", "ping-graph", "activemq-ping", "find", "find-v", "find-none", "find-S",
        "find-S-bad", "find-S-func", "find-S-agentdata", "find-W", "find-agent", "find-class", "find-class-eq",
        "find-fact", "find-identity", "find-identity-regex", "find-sub", "find-subunknown", "facts", "facts-v",
        "facts-none", "facts-hash", "inventory", "inventory-none", "inventory-lc", "activemq-inventory",
        "describe_filter", "completion-actions", "completion-actions-v", "completion-inputs", "help-ping",
        "help-rpc", "help-find", "help-facts", "help-inventory", "help-completion", "help-describe_filter",
        "help-help", "plugin-doc-none", "help", "completion-apps", "completion-agents", "puppet-status", "puppet-count",
        "puppet-enable", "puppet-enable-again", "puppet-disable", "puppet-runonce", "puppet-runonce-disabled",
        "puppet-summary", "activemq-puppet-status", "package-status", "service-status", "filemgr-status", "shell-run",
    ]

    @Test("piped", arguments: captures)
    func piped(_ name: String) async throws {
        let capture = try TerminalCapture(name)
        let collective = CapturedFleet.collective(
            capture.output, nodes: Self.nodes[name], settings: try settings(name))
        let run = await mco(capture.words, in: collective)
        #expect(TerminalCapture.timeless(run.output) == TerminalCapture.timeless(capture.output))
        #expect(TerminalCapture.timeless(run.diagnostics) == TerminalCapture.timeless(capture.diagnostics))
        #expect(run.status == capture.status)
        #expect(collective.connections == 0, "the connection is closed")
    }

    @Test("in colours", arguments: ["color-rpc-error", "color-rpc-get_fact"])
    func colored(_ name: String) async throws {
        let capture = try TerminalCapture(name)
        let run = await mco(capture.words, in: CapturedFleet.collective(capture.output, settings: "color = 1"))
        #expect(TerminalCapture.timeless(run.output) == TerminalCapture.timeless(capture.output))
        #expect(run.status == capture.status)
    }

    @Test(
        "on a terminal",
        arguments: [
            "rpc-ping", "rpc-ping-v", "rpc-ping-json", "rpc-ping-batch", "rpc-get_fact", "rpc-none",
            "rpc-get_config_item-bad", "rpc-noresponse", "puppet-status", "puppet-runonce", "ping", "facts",
            "inventory", "find-v",
        ])
    func terminal(_ name: String) async throws {
        let capture = try TerminalCapture(name)
        let expected = try #require(capture.terminal)
        let console = RecordingConsole(terminals: [.output, .diagnostics], columns: 100)
        let run = await mco(
            capture.words, in: CapturedFleet.collective(expected, nodes: Self.nodes[name]), console: console)
        #expect(TerminalCapture.timeless(console.everything) == TerminalCapture.timeless(expected))
        #expect(run.status == capture.status)
    }

    /// Settings that the command line of a capture stands for.
    private func settings(_ name: String) throws -> String {
        switch name {
        case "broadcast-threshold", "broadcast-threshold3": "direct_addressing_threshold = 2"
        default: ""
        }
    }

    /// Who wrote a description, and under which licence, is another matter with ours.
    @Test("of plugins", arguments: ["plugin-doc-rpcutil", "plugin-doc-fstat", "plugin-doc-mc"])
    func plugins(_ name: String) async throws {
        let capture = try TerminalCapture(name)
        let run = await mco(capture.words, in: CapturedFleet.collective(capture.output))
        func facts(_ text: String) -> String {
            text.replacing(#/(Author|Version|License|Home Page): [^\n]*/#, with: "")
        }
        #expect(facts(run.output) == facts(capture.output))
        #expect(run.status == capture.status)
    }

    @Test("nodes of a file", arguments: ["find-dm-flatfile", "find-nodes"])
    func flatfile(_ name: String) async throws {
        let capture = try TerminalCapture(name)
        let directory = try TestDirectory()
        try Files.write(Array("# ours\nnode1\n\nnode3\nnode9\n".utf8), to: directory.file("hosts.txt"))
        let words = capture.words.map { $0 == "hosts.txt" ? directory.file($0) : $0 }
        let run = await mco(words, in: CapturedFleet.collective(capture.output))
        #expect(run.output == capture.output)
        #expect(TerminalCapture.timeless(run.diagnostics) == TerminalCapture.timeless(capture.diagnostics))
    }
}
