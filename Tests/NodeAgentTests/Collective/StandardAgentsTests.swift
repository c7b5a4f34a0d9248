import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct StandardAgentsTests {
    @Test func hasEveryActionOfItsDescriptions() async throws {
        for agent in [CollectiveAgent.rpcutil] + CollectiveAgent.standard {
            #expect(!agent.actionNames.isEmpty)
            #expect(agent.actionNames == Set(agent.description.actions.map(\.name)), "\(agent.name)")
        }
        #expect(DataPlugin.standard.map(\.name) == StandardDDLs.dataPlugins.map(\.name))
    }

    @Test func makesDescribesAndRemovesFiles() async throws {
        let fixture = try CollectiveFixture(agents: [.filemgr])
        let path = fixture.directory.file("new")
        #expect(try await fixture.call("filemgr", "touch", ["file": .text(path)]).status == .ok)
        let status = try await fixture.call("filemgr", "status", ["file": .text(path)])
        #expect(status.data[named: "output"] == "present" && status.data[named: "type"] == "file")
        #expect(status.data[named: "md5"] == "d41d8cd98f00b204e9800998ecf8427e")
        #expect(status.data[named: "mode"] == "100644")
        #expect(try await fixture.call("filemgr", "remove", ["file": .text(path)]).status == .ok)
        let gone = try await fixture.call("filemgr", "status", ["file": .text(path)])
        #expect(gone.data[named: "output"] == "not present" && gone.data[named: "present"] == 0)
        #expect(try await fixture.call("filemgr", "remove", ["file": .text(path)]).status == .aborted)
        let directory = try await fixture.call(
            "filemgr", "status", ["file": .text(fixture.directory.path), "dirlist": true])
        #expect(directory.data[named: "dir_listing"] == ["classes.txt"])
        let kept = try await fixture.call("filemgr", "remove", ["file": .text(fixture.directory.path)])
        #expect(kept.message.hasSuffix("it is a directory"))
    }

    @Test func runsCommands() async throws {
        let fixture = try CollectiveFixture(agents: [.shell], processes: ProcessRunner(logger: .quiet))
        let reply = try await fixture.call("shell", "run", ["command": "printf 'h\\351'; echo e >&2; exit 3"])
        #expect(reply.data[named: "stdout"] == .bytes([0x68, 0xe9]))
        #expect(reply.data[named: "stderr"] == .bytes(Array("e\n".utf8)))
        #expect(reply.data[named: "exitcode"] == 3 && reply.data[named: "success"] == true)
        let late = try await fixture.call("shell", "run", ["command": "sleep 60", "timeout": .double(0.05)])
        #expect(late.status == .ok && late.data[named: "success"] == false)
    }

    @Test func keepsJobsInTheBackground() async throws {
        let fixture = try CollectiveFixture(agents: [.shell], processes: ProcessRunner(logger: .quiet))
        let started = try await fixture.call("shell", "start", ["command": "echo one; read x < gone; exit 7"])
        let handle = try #require(started.data[named: "handle"])
        func status() async throws -> RPCReply { try await fixture.call("shell", "status", ["handle": handle]) }
        try await poll("the job ends", within: .seconds(30)) {
            try await status().data[named: "status"] == .symbol("stopped")
        }
        let ended = try await status()
        #expect(ended.data[named: "stdout"] == .bytes(Array("one\n".utf8)))
        #expect(ended.data[named: "exitcode"] == 7)
        #expect(ended.data[named: "stderr"]?.value.string?.contains("gone") == true)
        let jobs = try await fixture.call("shell", "list").data[named: "jobs"]?.hash
        #expect(jobs?[named: handle.text ?? ""]?.hash?[named: "command"] == "echo one; read x < gone; exit 7")

        let long = try await fixture.call("shell", "start", ["command": "exec sleep 300"])
        let other = try #require(long.data[named: "handle"])
        try await poll("the job is killed", within: .seconds(30)) {
            try await fixture.call("shell", "kill", ["handle": other]).status == .ok
        }
        try await poll("the job has ended", within: .seconds(30)) {
            try await fixture.call("shell", "status", ["handle": other]).data[named: "status"] != .symbol("running")
        }
        #expect(try await fixture.call("shell", "status", ["handle": "0"]).message == "No job with the handle '0'")
    }

    @Test func tellsOfServices() async throws {
        let processes = ScriptedProcesses(outputs: [
            "service cron status": "", "systemctl is-active --quiet -- cron": "",
        ])
        let fixture = try CollectiveFixture(agents: [.service], processes: processes)
        #expect(try await fixture.call("service", "status", ["service": "cron"]).data[named: "status"] == "running")
        let again = try await fixture.call("service", "start", ["service": "cron"])
        #expect(again.status == .aborted && again.data[named: "status"] == "running")
        #expect(throws: FunctionError.self) { try ServiceModule.command("start", "--now", withSystemd: true) }
    }
}
