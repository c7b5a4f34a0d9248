import MCollectiveProtocol
import MusterCore

/// `mco inventory`: what one node is, or which collectives there are.
///
/// Scripts of reports are Ruby and are not run.
///
/// Source: MCollective 2.12, `application/inventory.rb`.
struct InventoryApplication: McoApplication {
    static let name = "inventory"
    static let summary = "General reporting tool for nodes, collectives and subcollectives"
    static let options: [RubyOption] = [
        .init("script", nil, ["--script"], .text("SCRIPT"), "Script to run"),
        .init("collectives", nil, ["--list-collectives", "--lc"], "List all known collectives"),
        .init(
            "map", nil, ["--collective-graph", "--cg", "--map"], .text("MAP"),
            "Create a DOT graph of all collectives"),
    ]

    private enum Report {
        case node(String)
        case collectives
        case graph(file: String)
    }

    private let report: Report

    init(_ invocation: McoInvocation) throws {
        if invocation.has("script") {
            throw McoFailure("--script is Ruby, which is never run: use 'mco rpc --json rpcutil inventory'")
        } else if let file = invocation["map"] {
            report = .graph(file: file)
        } else if invocation.has("collectives") {
            report = .collectives
        } else if let node = invocation.words.first {
            report = .node(node)
        } else {
            throw McoFailure("Need to specify either a node name, script to run or other options")
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        try await McoClient.with(world, agent: "rpcutil") { client in
            client.showsProgress = false
            return try await run(&client)
        }
    }

    private func run(_ client: inout McoClient) async throws -> Int32 {
        let world = client.world
        switch report {
        case .node(let node): return try await inventory(node, &client)
        case .collectives:
            let members = try await collectives(&client)
            try world.puts(members.table)
        case .graph(let file):
            try world.puts("Retrieving collective info....")
            let members = try await collectives(&client)
            try Files.write(Array(members.graph.utf8), to: file, mode: 0o644)
            try world.puts("Graph of \(members.nodes) nodes has been written to \(file)")
        }
        return 0
    }

    private func inventory(_ node: String, _ client: inout McoClient) async throws -> Int32 {
        let world = client.world
        client.addIdentity(node)
        let statistics = try await client.call("daemon_stats", on: [node])
        guard let answer = statistics.results.first else {
            throw McoExit(1, "Did not receive any results from node \(node)")
        }
        guard answer.reply.status == .ok else {
            let reason = TerminalText.line(answer.reply.message)
            world.console.note("Failed to retrieve daemon_stats from \(node): \(reason)")
            return statistics.statistics.exitCode
        }
        let inventory = try await client.call("inventory", on: [node])
        for result in inventory.results {
            guard result.reply.status == .ok else {
                let reason = TerminalText.line(result.reply.message)
                world.console.note("Failed to retrieve inventory for \(node): \(reason)")
                continue
            }
            let text = InventoryText(
                layout: world.layout, statistics: answer.reply.data, inventory: result.reply.data)
            try world.puts(text.text(result.sender))
        }
        return inventory.statistics.exitCode
    }

    private func collectives(_ client: inout McoClient) async throws -> CollectiveMembers {
        let outcome = try await client.call("collective_info")
        var members = CollectiveMembers(layout: client.world.layout)
        for result in outcome.results {
            guard let names = result.reply.data[named: "collectives"]?.array else { continue }
            members.add(result.sender, names.map(RubyText.text(of:)))
        }
        return members
    }
}
