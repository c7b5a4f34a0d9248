import Glibc
import Logging
import MusterCore
import MusterTestSupport
import NodeAgent
import Testing

@Suite struct ExternalModulesTests {
    let directory: TestDirectory
    let node: TestNode

    init() throws {
        directory = try TestDirectory()
        // The programs of all tests start at once, on machines that may have other work.
        var limits = ExternalModules.Limits()
        limits.describe = .seconds(100)
        var node = TestNode()
        node.registry = FunctionRegistry(
            [.test, .sys],
            external: ExternalModules(
                directory: directory.path, processes: node.processes, logger: Logger(label: "test"), limits: limits))
        node.job = JobID("20261121065700240995")
        self.node = node
    }

    private func install(_ script: String, as name: String, mode: UInt32 = 0o755) throws {
        try Files.write(script.utf8, to: "\(directory.path)/\(name)", mode: mode)
    }

    private func installExample(_ name: String) throws {
        try install(try PackageFile.text("examples/modules/\(name)"), as: name)
    }

    private static let minimal = """
        #!/bin/sh
        if [ "$1" = describe ]; then echo '{"name": "mine", "functions": [{"name": "what", "parameters": ["a"]}]}'; exit; fi
        """

    @Test func runsTheShellExample() async throws {
        try installExample("greeting.sh")
        #expect(try await node.call("greeting.hello", ["world"]) == FunctionResult("Hello, world! This is web1."))
        #expect(
            try await node.call("greeting.hello", ["world"], ["greeting": "Good day"])
                == FunctionResult("Good day, world! This is web1."))
        #expect(try await node.call("greeting.load_average").value.double != nil)
    }

    @Test func runsThePythonExample() async throws {
        try installExample("words.py")
        #expect(
            try await node.call("words.count", ["to be or not"], ["longest": true]).value
                == .map(["words": 4, "characters": 12, "longest": "not"]))
        #expect(try await node.call("words.join", ["a", 2], ["separator": "-"]).value == "a-2")
        #expect(try await node.call("sys.list_functions", ["words"]).value == ["words.count", "words.join"])
    }

    @Test func givesTheReturnCodeAndTheComplaint() async throws {
        try installExample("greeting.sh")
        #expect(
            try await node.call("greeting.hello", [""])
                == FunctionResult("ERROR: hello: 'who' must be a plain text", returnCode: 2))
    }

    @Test func givesAllThatTheProtocolPromises() async throws {
        try install(Self.minimal + "\ncat", as: "mine")
        #expect(
            try await node.call("mine.what", [[1, "ü"]]).value
                == .map([
                    "args": [], "kwargs": .map(["a": [1, "ü"]]),
                    "context": .map([
                        "id": "web1", "jid": "20261121065700240995", "module": "mine", "function": "what",
                    ]),
                ]))
    }

    @Test func bindsArgumentsByTheDescription() async throws {
        try install(Self.minimal, as: "mine")
        await #expect(throws: FunctionError.self) { try await node.call("mine.what") }
        await #expect(throws: FunctionError.notAvailable(function: "mine.other")) { try await node.call("mine.other") }
    }

    @Test func noticesNewChangedAndRemovedFiles() async throws {
        await #expect(throws: FunctionError.notAvailable(function: "mine.what")) {
            try await node.call("mine.what", [1])
        }
        try install(Self.minimal + "\necho 1", as: "mine")
        #expect(try await node.call("mine.what", [1]).value == 1)
        try install(Self.minimal + "\necho '\"changed\"'", as: "mine")
        #expect(try await node.call("mine.what", [1]).value == "changed")
        try Files.remove("\(directory.path)/mine")
        await #expect(throws: FunctionError.notAvailable(function: "mine.what")) {
            try await node.call("mine.what", [1])
        }
    }

    @Test(
        "refuses what others may write, what cannot run and what is badly described",
        arguments: [
            (minimal, 0o757), (minimal, 0o775), (minimal, 0o644),
            ("#!/bin/sh\necho '{}'", 0o755),
            ("#!/bin/sh\necho '{\"name\": \"../x\", \"functions\": [{\"name\": \"a\"}]}'", 0o755),
            ("#!/bin/sh\necho '{\"name\": \"mine\", \"functions\": []}'", 0o755),
            ("#!/bin/sh\necho '{\"name\": \"test\", \"functions\": [{\"name\": \"ping\"}]}'", 0o755),
            ("#!/bin/sh\necho 'no JSON'", 0o755), ("#!/bin/sh\nexit 1", 0o755),
        ] as [(String, UInt32)])
    func refuses(_ script: String, _ mode: UInt32) async throws {
        try install(script, as: "mine", mode: mode)
        #expect(try await node.call("sys.list_modules").value == ["sys", "test"])
        #expect(try await node.call("test.ping").value == true)
    }

    @Test func refusesADirectoryThatOthersMayWrite() async throws {
        try install(Self.minimal, as: "mine")
        chmod(directory.path, 0o777)
        #expect(try await node.call("sys.list_modules").value == ["sys", "test"])
        chmod(directory.path, 0o755)
        #expect(try await node.call("sys.list_modules").value == ["mine", "sys", "test"])
    }

    @Test func endsAModuleAtItsLimit() async throws {
        try install(
            """
            #!/bin/sh
            if [ "$1" = describe ]; then
                echo '{"name": "slow", "functions": [{"name": "wait", "timeout": 0.2}]}'; exit
            fi
            sleep 60
            """, as: "slow")
        await #expect(throws: FunctionError.timedOut(after: .milliseconds(200))) { try await node.call("slow.wait") }
    }
}
