import Glibc
import MusterCore
import MusterTestSupport
import NodeAgent
import Testing

/// Answers as `salt-call --local` 3008.5 gives them, but for time limits, which fail the job here.
@Suite struct CmdModuleTests {
    let node: TestNode

    init() {
        var node = TestNode()
        node.job = JobID("20261121065700240995")  // a job's commands go through the shell
        self.node = node
    }

    @Test(
        arguments: [
            ("cmd.run", ["echo out; echo err >&2"], [:], "out\nerr", 0), ("cmd.run", ["exit 3"], [:], "", 3),
            ("cmd.run", ["exit 3"], ["ignore_retcode": true], "", 0),
            ("cmd.run", ["exit 3"], ["success_retcodes": [2, 3]], "", 0),
            ("cmd.run", ["echo fine; exit 3"], ["success_stdout": "fine"], "fine", 0),
            ("cmd.run", ["echo a; echo b >&2"], ["redirect_stderr": false], "a", 0),
            ("cmd.run", ["echo secret"], ["hide_output": true], "", 0),
            ("cmd.run", ["printf 'a\\n\\n'"], ["rstrip": false], "a\n\n", 0),
            ("cmd.run", ["cat"], ["stdin": "in"], "in", 0), ("cmd.run", ["pwd"], ["cwd": "/usr"], "/usr", 0),
            ("cmd.run", ["echo $X$LANGUAGE"], ["env": .map(["X": 1])], "1C", 0),
            ("cmd.run", ["echo $X"], ["env": [.map(["X": "a b"])]], "a b", 0),
            ("cmd.run", ["umask"], ["umask": "077"], "0077", 0),
            ("cmd.run", ["echo $HOME $1"], ["python_shell": false], "$HOME $1", 0),
            ("cmd.run", ["echo 'a  b'"], ["python_shell": false], "a  b", 0),
            ("cmd.run", [["echo", "a", "$HOME"]], ["python_shell": false], "a $HOME", 0),
            ("cmd.shell", ["echo $((1 + 2))"], [:], "3", 0), ("cmd.run_stdout", ["echo a; echo b >&2"], [:], "a", 0),
            ("cmd.run_stderr", ["echo a; echo b >&2"], [:], "b", 0), ("cmd.retcode", ["exit 5"], [:], 5, 5),
            ("cmd.has_exec", ["sh"], [:], true, 0), ("cmd.has_exec", ["no-such-program"], [:], false, 0),
            ("cmd.which", ["no-such-program"], [:], nil, 0), ("cmd.which", ["/bin/sh"], [:], "/bin/sh", 0),
            ("cmd.which_bin", [["no-such-program", "/bin/sh"]], [:], "/bin/sh", 0),
            ("cmd.exec_code", ["sh", "echo $1"], ["args": "x"], "x", 0),
            ("cmd.exec_code", ["sh", "echo $1; exit 4"], ["args": ["y", "z"]], "y", 4),
            ("cmd.tty", ["printer"], [:], .map(["Error": "The specified device is not a valid TTY"]), 0),
        ] as [(String, [Value], ValueMap, Value, Int)])
    func answers(_ function: String, _ arguments: [Value], _ keywords: ValueMap, _ value: Value, _ code: Int)
        async throws
    {
        #expect(try await node.call(function, arguments, keywords) == FunctionResult(value, returnCode: code))
    }

    @Test func givesEverything() async throws {
        let result = try await node.call("cmd.run_all", ["echo out; echo err >&2; exit 2"])
        #expect(result.returnCode == 2)
        #expect(result.value.map?.keys == ["pid", "retcode", "stdout", "stderr"])
        #expect(result.value["retcode"] == 2)
        #expect(result.value["stdout"] == "out")
        #expect(result.value["stderr"] == "err")
        #expect((result.value["pid"]?.int ?? 0) > 1)
    }

    @Test func endsACommandAtItsLimit() async throws {
        let result = try await node.call("cmd.run", ["sleep 60"], ["timeout": 1])
        #expect(result == FunctionResult("sleep 60 : Timed out after 1 seconds", returnCode: 1))
    }

    @Test(
        arguments: [
            (["cwd": "/no/such"], "Specified cwd '/no/such' either not absolute or does not exist"),
            (["cwd": "usr"], "Specified cwd 'usr' either not absolute or does not exist"),
            (["shell": "/bin/nosh"], "The shell /bin/nosh is not available"),
            (["runas": "no-such-user"], "User 'no-such-user' is not available"),
            (["umask": "0"], "Zero umask is not allowed."),
            (["umask": "89"], "Invalid umask: '89'"),
            (["template": "jinja"], "Attempted to render file paths with unavailable engine jinja"),
        ] as [(ValueMap, String)])
    func refuses(_ keywords: ValueMap, _ text: String) async throws {
        await #expect(throws: FunctionError.failed(reason: text)) { try await node.call("cmd.run", ["id"], keywords) }
    }

    @Test func raisesOnRequest() async throws {
        await #expect(throws: FunctionError.failed(reason: "out")) {
            try await node.call("cmd.run", ["echo out; exit 1"], ["raise_err": true])
        }
    }

    @Test func startsInTheBackground() async throws {
        let result = try await node.call("cmd.run_bg", ["sleep 60"])
        let pid = Int32(try #require(result.value["pid"]?.int))
        #expect(kill(pid, SIGKILL) == 0)
    }

    @Test func obeysBlackAndWhiteLists() async throws {
        var node = node
        node.configuration = ["cmd_blacklist_glob": ["rm *"]]
        await #expect(throws: FunctionError.failed(reason: "The shell command \"rm -rf /tmp/x\" is not permitted")) {
            try await node.call("cmd.run", ["rm -rf /tmp/x"])
        }
        node.configuration = ["cmd_whitelist_glob": ["echo *"]]
        #expect(try await node.call("cmd.run", ["echo a"]).value == "a")
        await #expect(throws: FunctionError.self) { try await node.call("cmd.run", ["id"]) }
    }

    @Test func runsScriptsOfTheNodeAndOfTheMaster() async throws {
        let directory = try TestDirectory()
        try Files.write("#!/bin/sh\necho \"$2\" in $(pwd); exit 3".utf8, to: "\(directory.path)/x.sh", mode: 0o644)
        var node = node
        node.masters = FileMaster(files: ["base/scripts/x.sh": "#!/bin/sh\necho from master $1"])
        let local = try await node.call(
            "cmd.script", [.string("\(directory.path)/x.sh"), "a 'b c'"], ["cwd": .string(directory.path)])
        #expect(local.value["stdout"]?.string == "b c in \(directory.path)")
        #expect(local.returnCode == 3)
        #expect(Files.list(directory.path) == ["x.sh"])
        let remote = try await node.call("cmd.script", ["salt://scripts/x.sh"], ["args": ["1"]])
        #expect(remote.value["stdout"] == "from master 1")
        #expect(try await node.call("cmd.script_retcode", [.string("\(directory.path)/x.sh")]).value == 3)
        let missing = try await node.call("cmd.script", ["salt://scripts/none.sh"])
        #expect(
            missing.value
                == .map(["pid": 0, "retcode": 1, "stdout": "", "stderr": "", "cache_error": true]))
    }

    private struct FileMaster: MasterActions {
        var files: [String: String]
        func refreshPillar() async throws {}
        func revokeKey(preservingCache: Bool) async throws -> Bool { true }
        func fire(_ data: Value, tag: String) async throws {}
        func file(_ path: String, environment: String) async throws -> [UInt8]? {
            files["\(environment)/\(path)"].map { Array($0.utf8) }
        }
    }
}
