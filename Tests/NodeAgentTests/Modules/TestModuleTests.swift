import MusterCore
import NodeAgent
import Testing

/// Answers as `salt-call --local` 3008.5 gives them.
@Suite struct TestModuleTests {
    let node = TestNode()

    @Test(
        arguments: [
            ("test.ping", [], true), ("test.true", [], true), ("test.false", [], false), ("test.echo", ["a b"], "a b"),
            ("test.echo", [[1, nil]], [1, nil]), ("test.sleep", [0], true), ("test.sleep", ["0"], true),
            ("test.not_loaded", [], []), ("test.outputter", ["x"], "x"),
            ("test.cross_test", ["test.echo", ["hi"]], "hi"),
            ("test.tty", ["tty0"], "ERROR: This function has been moved to cmd.tty"), ("test.assertion", [1], nil),
            ("test.raise_exception", ["NoSuchError"], false), ("test.try", ["test.exception"], nil),
            ("test.provider", ["cmd"], "cmd"), ("test.provider", ["nothing"], ""),
        ] as [(String, [Value], Value)])
    func answers(_ function: String, _ arguments: [Value], _ answer: Value) async throws {
        #expect(try await node.call(function, arguments) == FunctionResult(answer))
    }

    @Test func showsArgumentsAndPublishData() async throws {
        var node = TestNode()
        node.publication = ["__pub_fun": "test.arg"]
        #expect(
            try await node.call("test.arg", [1, "two"], ["a": 3.5]).value
                == .map(["args": [1, "two"], "kwargs": .map(["a": 3.5, "__pub_fun": "test.arg"])]))
        #expect(
            try await node.call("test.arg_clean", [], ["a": 1, "__x": 2]).value
                == .map(["args": [], "kwargs": .map(["a": 1])]))
        #expect(try await node.call("test.kwarg", [], ["a": 1]).value == .map(["a": 1, "__pub_fun": "test.arg"]))
    }

    @Test func showsArgumentsAsPythonDoes() async throws {
        #expect(
            try await node.call("test.arg_repr", ["it's", 1, nil, true], ["a": [1.5]]).value
                == .map(["args": #"("it's", 1, None, True)"#, "kwargs": "{'a': [1.5]}"]))
        #expect(try await node.call("test.arg_repr", [1]).value["args"] == "(1,)")
        #expect(
            try await node.call("test.arg_type", [1, "a", nil], ["m": .map([:])]).value
                == .map([
                    "args": ["<class 'int'>", "<class 'str'>", "<class 'NoneType'>"],
                    "kwargs": .map(["m": "<class 'dict'>"]),
                ]))
    }

    @Test(arguments: [(0, 0), (1, 1), (2, 1), (10, 55), (90, 2_880_067_194_370_816_120)] as [(Value, Value)])
    func computesFibonacci(_ number: Value, _ value: Value) async throws {
        let answer = try await node.call("test.fib", [number]).value.array
        #expect(answer?.first == value)
        #expect(answer?.last?.double != nil)
    }

    @Test func sendsLargeNumbersAsText() async throws {
        #expect(try await node.call("test.fib", ["100"]).value.array?.first == "354224848179261915075")
    }

    @Test func computesCollatz() async throws {
        #expect(try await node.call("test.collatz", [3]).value.array?.first == [3, 10, 5, 16, 8, 4, 2])
    }

    @Test func setsTheReturnCode() async throws {
        #expect(try await node.call("test.retcode") == FunctionResult(true, returnCode: 42))
        #expect(try await node.call("test.retcode", [7]) == FunctionResult(true, returnCode: 7))
    }

    @Test(
        arguments: [
            ("test.exception", [], "Exception: Test Exception"),
            ("test.exception", ["Oh noes!"], "Exception: Oh noes!"),
            ("test.raise_exception", ["TypeError", "An integer"], "TypeError: An integer"),
            ("test.raise_exception", ["salt.exceptions.CommandExecutionError", "wrong"], "wrong"),
            ("test.assertion", [false], "AssertionError"),
            ("test.fib", ["x"], "ValueError: invalid literal for int() with base 10: 'x' (num)"),
            ("test.nothing", [], "'test.nothing' is not available."),
        ] as [(String, [Value], String)])
    func fails(_ function: String, _ arguments: [Value], _ text: String) async throws {
        let error = await #expect(throws: FunctionError.self) { try await node.call(function, arguments) }
        #expect(error?.description == text)
    }

    @Test(arguments: [("sha256", 64), ("md5", 32), ("sha512", 128)])
    func makesRandomDigests(_ type: String, _ length: Int) async throws {
        let first = try await node.call("test.random_hash", [], ["hash_type": .string(type)]).value.string
        let second = try await node.call("test.rand_str", [], ["hash_type": .string(type)]).value.string
        #expect(first?.count == length)
        #expect(first != second)
    }

    @Test func masksSecretsInTheConfiguration() async throws {
        var node = TestNode()
        node.configuration = ["id": "web1", "postgres.pass": "x"]
        #expect(try await node.call("test.get_opts").value == .map(["id": "web1", "postgres.pass": "**********"]))
    }
}
