import Glibc
import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

@Suite struct ExternalAgentsTests {
    private static let ddl = """
        {"metadata": {"name": "other", "description": "Says", "author": "x", "license": "x", "version": "1", "url": "x",
          "timeout": 10},
         "actions": [{"action": "say", "description": "Says", "input": {"word": {"type": "string", "prompt": "w",
          "description": "w", "optional": false, "validation": "shellsafe", "maxlength": 20}},
          "output": {"said": {"description": "s", "display_as": "Said", "default": "nothing"}}}]}
        """

    /// Says what it was asked, and fails for some words.
    private static let program = #"""
        #!/bin/sh
        [ "$1" = "$CHORIA_EXTERNAL_REQUEST" ] && [ "$2" = "$CHORIA_EXTERNAL_REPLY" ] || exit 1
        [ "$CHORIA_EXTERNAL_PROTOCOL" = "io.choria.mcorpc.external.v1.rpc_request" ] || exit 1
        word=$(sed 's/.*"word": *"\([^"]*\)".*/\1/' "$1")
        case $word in
        crash) echo broken >&2; exit 9 ;;
        fail) echo '{"statuscode": 1, "statusmsg": "no", "data": {"said": "?"}}' >"$2" ;;
        mute) ;;
        *) echo "{\"statuscode\": 0, \"statusmsg\": \"OK\", \"data\": {\"said\": \"$word for $(sed 's/.*"callerid": *"\([^"]*\)".*/\1/' "$1")\"}}" >"$2" ;;
        esac
        """#

    private func makeLibrary(mode: UInt32 = 0o755) throws -> TestDirectory {
        let directory = try TestDirectory()
        let agents = directory.file("mcollective/agent")
        try Files.makeDirectory(directory.file("mcollective"))
        try Files.makeDirectory(agents)
        try Files.write(Array(Self.program.utf8), to: "\(agents)/echo", mode: mode)
        try Files.write(Array(Self.ddl.utf8), to: "\(agents)/echo.json")
        try Files.write([], to: "\(agents)/old.rb")
        try Files.write([], to: "\(agents)/old.ddl")
        try Files.write([], to: "\(agents)/bare", mode: 0o755)
        return directory
    }

    @Test func callsAProgram() async throws {
        let library = try makeLibrary()
        let found = ExternalAgents([library.path])
        #expect(found.findings["old"] == .ruby(path: library.file("mcollective/agent/old.rb")))
        guard case .refused = found.findings["bare"] else {
            Issue.record("a program without a description was taken")
            return
        }
        let agents = found.agents(configurationDirectory: "/etc/mcollective")
        // Named for its file, whatever its description says.
        #expect(agents.map(\.name) == ["echo"])
        let fixture = try CollectiveFixture(agents: agents, processes: ProcessRunner(logger: .quiet))
        #expect(try await fixture.call("echo", "say", ["word": "hi"]).data[named: "said"] == "hi for uid=0")
        let failed = try await fixture.call("echo", "say", ["word": "fail"])
        #expect(failed.status == .aborted && failed.message == "no" && failed.data[named: "said"] == "?")
        let crashed = try await fixture.call("echo", "say", ["word": "crash"])
        #expect(crashed.status == .unknownError && crashed.message.hasSuffix("ended with 9: broken"))
        #expect(crashed.data[named: "said"] == "nothing")
        #expect(try await fixture.call("echo", "say", ["word": "mute"]).message.hasSuffix("left no reply"))
        #expect(try await fixture.call("echo", "say", ["word": "a;b"]).status == .invalidData)
    }

    @Test("takes no program that others may change", arguments: [UInt32(0o644), 0o777])
    func refuses(mode: UInt32) throws {
        let library = try makeLibrary(mode: mode)
        // Whatever the mask of this process took away.
        #expect(chmod(library.file("mcollective/agent/echo"), mode_t(mode)) == 0)
        #expect(ExternalAgents([library.path]).agents(configurationDirectory: "/").isEmpty)
    }
}
