import MusterCore
import MusterTestSupport
import Testing

@testable import Controller

@Suite struct AutosignPolicyTests {
    let directory: TestDirectory
    let web1 = Make.node("web1")

    init() throws { directory = try TestDirectory() }

    private func file(_ name: String, _ text: String, mode: UInt32 = 0o600) throws -> String {
        try Files.write(Array(text.utf8), to: directory.file(name), mode: mode)
        return directory.file(name)
    }

    @Test(
        "a line is a glob, else an anchored expression",
        arguments: [
            ("web1", true), ("web*", true), ("web[12]", true), ("web\\d", true), ("eb1", false), ("web", false),
            ("# web1", false),
            ("", false), ("(", false), ("db*\nweb*", true),
        ])
    func lines(_ text: String, _ accepts: Bool) throws {
        var policy = AutosignPolicy()
        policy.acceptFile = try file("accept", text)
        policy.rejectFile = try file("reject", text)
        #expect(policy.accepts(web1) == accepts && policy.rejects(web1) == accepts)
    }

    @Test(
        "a file that others may write is ignored and named",
        arguments: [
            (UInt32(0o600), true), (0o644, true), (0o620, false), (0o602, false), (0o666, false),
        ])
    func modes(_ mode: UInt32, _ accepts: Bool) throws {
        var policy = AutosignPolicy()
        policy.acceptFile = try file("accept", "web*", mode: mode)
        #expect(policy.accepts(web1) == accepts)
        #expect(policy.unsafeFiles() == (accepts ? [] : [directory.file("accept")]))
    }

    @Test("a missing file and a directory in its place accept nobody")
    func missing() throws {
        var policy = AutosignPolicy()
        #expect(!policy.accepts(web1) && !policy.rejects(web1) && policy.unsafeFiles().isEmpty)
        policy.acceptFile = directory.file("none")
        #expect(!policy.accepts(web1))
        policy.acceptFile = directory.path
        #expect(!policy.accepts(web1))
    }

    @Test("an edit takes effect at the next decision")
    func edits() throws {
        var policy = AutosignPolicy()
        policy.acceptFile = try file("accept", "db*")
        #expect(!policy.accepts(web1))
        _ = try file("accept", "web*")
        #expect(policy.accepts(web1))
    }

    @Test(
        "facts are looked up by name, and a name never leaves the directory",
        arguments: [
            (["role": "web"], true), (["role": "db"], false), (["other": "web"], false), (["../secret": "web"], false),
            (["..": "web"], false), (["": "web"], false), ([:], false),
        ] as [([String: String], Bool)])
    func facts(_ facts: [String: String], _ accepts: Bool) throws {
        try Files.makeDirectory(directory.file("grains"))
        _ = try file("grains/role", "# roles\nweb\n")
        _ = try file("secret", "web")
        var policy = AutosignPolicy()
        #expect(!policy.accepts(facts: facts))
        policy.factsDirectory = directory.file("grains")
        #expect(policy.accepts(facts: facts) == accepts)
    }

    @Test("a facts file that others may write is ignored and named")
    func unsafeFacts() throws {
        try Files.makeDirectory(directory.file("grains"))
        let path = try file("grains/role", "web", mode: 0o666)
        var policy = AutosignPolicy()
        policy.factsDirectory = directory.file("grains")
        #expect(!policy.accepts(facts: ["role": "web"]))
        #expect(policy.unsafeFiles() == [path])
    }
}
