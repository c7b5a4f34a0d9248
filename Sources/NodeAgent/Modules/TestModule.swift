import Glibc
package import MusterCore

extension ExecutionModule {
    /// Salt's `test`: tries out the connection, the arguments and the reporting of failures.
    package static let test = ExecutionModule(
        "test", summary: "Try out the connection, arguments and failures", functions: TestModule.functions)
}

private enum TestModule {
    static let functions: [ModuleFunction] = [
        ModuleFunction(
            "ping",
            "Return True: the node is up and answers. Not an ICMP ping.\n\nCLI Example:\n\n    salt '*' test.ping"
        ) {
            _, _ in FunctionResult(true)
        },
        ModuleFunction(
            "echo", "Return a text.\n\nCLI Example:\n\n    salt '*' test.echo 'foo bar baz quo qux'",
            parameters: [.required("text")]
        ) { arguments, _ in FunctionResult(arguments["text"]) },
        ModuleFunction("true", "Always return True.") { _, _ in FunctionResult(true) },
        ModuleFunction("false", "Always return False.") { _, _ in FunctionResult(false) },
        ModuleFunction(
            "arg", "Return the arguments as the node got them: {args, kwargs}.", extras: [.positional, .keywords]
        ) { arguments, context in
            FunctionResult(.map(["args": .array(arguments.rest), "kwargs": .map(all(arguments, context))]))
        },
        ModuleFunction(
            "arg_clean", "Like test.arg, without the publish data (`__pub_*`).", extras: [.positional, .keywords]
        ) { arguments, _ in
            FunctionResult(.map(["args": .array(arguments.rest), "kwargs": .map(clean(arguments.keywords))]))
        },
        ModuleFunction(
            "arg_repr", "Return the arguments in Python's notation.", extras: [.positional, .keywords]
        ) { arguments, context in
            let tuple =
                arguments.rest.map(\.pythonLiteral).joined(separator: ", ") + (arguments.rest.count == 1 ? "," : "")
            return FunctionResult(
                .map([
                    "args": .string("(\(tuple))"), "kwargs": .string(Value.map(all(arguments, context)).pythonLiteral),
                ]))
        },
        ModuleFunction(
            "arg_type", "Return the types of the arguments in Python's words.", extras: [.positional, .keywords]
        ) { arguments, context in
            let types = ValueMap(all(arguments, context).map { (key: $0.key, value: .string($0.value.pythonType)) })
            return FunctionResult(
                .map(["args": .array(arguments.rest.map { .string($0.pythonType) }), "kwargs": .map(types)]))
        },
        ModuleFunction("kwarg", "Return the keyword arguments, the publish data included.", extras: .keywords) {
            arguments, context in FunctionResult(.map(all(arguments, context)))
        },
        ModuleFunction(
            "sleep", "Wait for a number of seconds, then return True.\n\nCLI Example:\n\n    salt '*' test.sleep 20",
            parameters: [.required("length")]
        ) { arguments, _ in
            let seconds = try integer(arguments["length"], "length")
            guard seconds >= 0 else {
                throw FunctionError.exception(type: "ValueError", message: "sleep length must be non-negative")
            }
            try await Task.sleep(for: .seconds(min(seconds, 1 << 32)))
            return FunctionResult(true)
        },
        ModuleFunction(
            "rand_sleep", "Wait for a random number of seconds up to `max`, then return True.",
            parameters: [.optional("max", 60)]
        ) { arguments, _ in
            let most = try integer(arguments["max"], "max")
            guard most >= 0 else {
                throw FunctionError.exception(type: "ValueError", message: "empty range for randint()")
            }
            try await Task.sleep(for: .seconds(Int64.random(in: 0...min(most, 1 << 32))))
            return FunctionResult(true)
        },
        ModuleFunction("version", "Return the version of Muster on the node.") { _, context in
            FunctionResult(.string(version(context)))
        },
        ModuleFunction("versions_information", "Return the versions of the node's software and system as a map.") {
            _, context in FunctionResult(.map(await versions(context)))
        },
        ModuleFunction("versions_report", "Return the versions of the node's software and system as text.") {
            _, context in FunctionResult(.string(report(await versions(context))))
        },
        ModuleFunction("versions", "Return the versions of the node's software and system as text.") { _, context in
            FunctionResult(.string(report(await versions(context))))
        },
        ModuleFunction("conf_test", "Return the value of `test.foo` in the node's configuration.") { _, context in
            FunctionResult(context.configuration["test.foo"] ?? "")
        },
        ModuleFunction("get_opts", "Return the node's configuration, keys with secrets masked.") { _, context in
            FunctionResult(.map(masked(context.configuration)))
        },
        ModuleFunction(
            "cross_test",
            "Call another function through this one.\n\nCLI Example:\n\n    salt '*' test.cross_test test.echo '[hello]'",
            parameters: [.required("func"), .optional("args")]
        ) { arguments, context in
            try await context.call(FunctionCall(arguments["func"].pythonText, arguments: arguments["args"].array ?? []))
        },
        ModuleFunction("attr_call", "Call grains.items through this function.") { _, context in
            try await context.call(FunctionCall("grains.items"))
        },
        ModuleFunction("module_report", "Return all modules and functions of the node.") { _, context in
            let functions = await context.functions.functions().map { Value.string($0.name) }
            let modules = await context.functions.modules().map { Value.string($0.name) }
            return FunctionResult(
                .map([
                    "functions": .array(functions), "function_attrs": .array(functions),
                    "function_subs": .array(functions),
                    "modules": .array(modules), "module_attrs": .array(modules), "missing_attrs": [],
                    "missing_subs": [],
                ]))
        },
        ModuleFunction(
            "fib", "Return a Fibonacci number and the seconds it took.\n\nCLI Example:\n\n    salt '*' test.fib 3",
            parameters: [.required("num")]
        ) { arguments, _ in
            let number = try integer(arguments["num"], "num")
            guard number >= 0 else {
                throw FunctionError.exception(type: "ValueError", message: "Negative number is not allowed!")
            }
            let (value, elapsed) = try timed { try fibonacci(number) }
            return FunctionResult([value, .double(elapsed)])
        },
        ModuleFunction(
            "collatz", "Return the Collatz sequence of a number and the seconds it took.",
            parameters: [.required("start")]
        ) { arguments, _ in
            let start = try integer(arguments["start"], "start")
            guard start > 0 else {
                throw FunctionError.exception(type: "ValueError", message: "the sequence of \(start) never reaches 1")
            }
            let (steps, elapsed) = try timed { try collatz(start) }
            return FunctionResult([.array(steps), .double(elapsed)])
        },
        ModuleFunction("outputter", "Return the data given, to try an outputter.", parameters: [.required("data")]) {
            arguments, _ in FunctionResult(arguments["data"])
        },
        ModuleFunction(
            "retcode", "Return True with a return code.\n\nCLI Example:\n\n    salt '*' test.retcode 42",
            parameters: [.optional("code", 42)]
        ) { arguments, _ in FunctionResult(true, returnCode: Int(try integer(arguments["code"], "code"))) },
        ModuleFunction(
            "provider", "Return the name of the module that provides another one, empty when there is none.",
            parameters: [.required("module")]
        ) { arguments, context in
            let name = arguments["module"].pythonText
            let exists = await context.functions.modules().contains { $0.name == name }
            return FunctionResult(.string(exists ? name : ""))
        },
        ModuleFunction("providers", "Return each module with its provider.") { _, context in
            FunctionResult(
                .map(
                    ValueMap(await context.functions.modules().map { (key: .string($0.name), value: .string($0.name)) })
                ))
        },
        ModuleFunction("not_loaded", "Return the modules that could not be loaded; the node has none.") { _, _ in
            FunctionResult([])
        },
        ModuleFunction(
            "random_hash", "Return a random digest in hexadecimal, as long as those of `hash_type`.",
            parameters: [.optional("size", 9_999_999_999), .optional("hash_type")]
        ) { arguments, context in FunctionResult(.string(try randomHash(arguments, context))) },
        ModuleFunction(
            "rand_str", "The old name of test.random_hash.",
            parameters: [.optional("size", 9_999_999_999), .optional("hash_type")]
        ) { arguments, context in FunctionResult(.string(try randomHash(arguments, context))) },
        ModuleFunction(
            "exception",
            "Fail, as a function that meets an unforeseen error.\n\nCLI Example:\n\n    salt '*' test.exception 'Oh noes!'",
            parameters: [.optional("message", "Test Exception")]
        ) { arguments, _ in
            throw FunctionError.exception(type: "Exception", message: arguments["message"].pythonText)
        },
        ModuleFunction(
            "raise_exception", "Fail with a named Python or Salt exception; False when there is none of that name.",
            parameters: [.required("name")], extras: [.positional, .keywords]
        ) { arguments, _ in try raise(arguments) },
        ModuleFunction("tty", "Moved to cmd.tty.", extras: [.positional, .keywords]) { _, _ in
            FunctionResult("ERROR: This function has been moved to cmd.tty")
        },
        ModuleFunction(
            "try", "Call a function and return nothing when it fails, or the error's text.",
            parameters: [.required("module"), .optional("return_try_exception", false)], extras: .keywords
        ) { arguments, context in
            do {
                return try await context.call(
                    FunctionCall(arguments["module"].pythonText, keywords: clean(arguments.keywords)))
            } catch FunctionError.cancelled {
                throw FunctionError.cancelled
            } catch {
                return FunctionResult(arguments["return_try_exception"].isTruthy ? .string("\(error)") : .null)
            }
        },
        ModuleFunction("assertion", "Fail unless the argument is true.", parameters: [.required("assertion")]) {
            arguments, _ in
            guard arguments["assertion"].isTruthy else {
                throw FunctionError.exception(type: "AssertionError", message: "")
            }
            return FunctionResult(nil)
        },
    ]

    private static func all(_ arguments: Arguments, _ context: FunctionContext) -> ValueMap {
        var all = arguments.keywords
        for entry in context.publication { all[entry.key] = entry.value }
        return all
    }

    private static func clean(_ keywords: ValueMap) -> ValueMap {
        ValueMap(keywords.filter { $0.key.string?.hasPrefix("__") != true }.map { (key: $0.key, value: $0.value) })
    }

    private static func integer(_ value: Value, _ name: String) throws -> Int64 {
        switch value {
        case .int(let number): return number
        case .double(let number) where abs(number) < 1e18: return Int64(number)
        case .bool(let flag): return flag ? 1 : 0
        case .string(let text):
            guard let number = Int64(Array(text.utf8).trimmedText) else { break }
            return number
        case .double, .uint, .null, .bytes, .array, .map: break
        }
        throw FunctionError.exception(
            type: "ValueError", message: "invalid literal for int() with base 10: \(value.pythonLiteral) (\(name))")
    }

    private static func timed<Result>(_ body: () throws -> Result) rethrows -> (Result, Double) {
        let start = ContinuousClock.now
        let result = try body()
        return (result, (ContinuousClock.now - start).inSeconds)
    }

    /// Beyond 64 bits the number goes as decimal text, as Salt sends large integers.
    private static func fibonacci(_ number: Int64) throws -> Value {
        guard number > 1 else { return .int(number) }
        guard number <= 10_000 else { throw FunctionError.failed(reason: "test.fib computes up to 10000") }
        // Little-endian digits of base 10^9.
        var previous: [UInt32] = [0]
        var current: [UInt32] = [1]
        for _ in 1..<number {
            var next: [UInt32] = []
            var carry: UInt32 = 0
            for index in current.indices {
                let sum = current[index] + (index < previous.count ? previous[index] : 0) + carry
                next.append(sum % 1_000_000_000)
                carry = sum / 1_000_000_000
            }
            if carry > 0 { next.append(carry) }
            (previous, current) = (current, next)
        }
        let text = current.reversed().enumerated().map { $0 == 0 ? String($1) : Int($1).digits(9) }.joined()
        if let small = UInt64(text) { return Value(unsigned: small) }
        return .string(text)
    }

    private static func collatz(_ start: Int64) throws -> [Value] {
        var steps: [Value] = []
        var number = start
        while number != 1 {
            steps.append(.int(number))
            if number.isMultiple(of: 2) {
                number /= 2
            } else {
                let (product, overflow) = number.multipliedReportingOverflow(by: 3)
                guard !overflow, product < .max else {
                    throw FunctionError.failed(reason: "the sequence of \(start) leaves 64 bits")
                }
                number = product + 1
            }
        }
        return steps
    }

    private static func randomHash(_ arguments: Arguments, _ context: FunctionContext) throws -> String {
        let type = arguments["hash_type"].string ?? context.configuration["hash_type"]?.string ?? "sha256"
        let lengths = ["md5": 32, "sha1": 40, "sha224": 56, "sha256": 64, "sha384": 96, "sha512": 128]
        guard let length = lengths[type] else {
            throw FunctionError.failed(reason: "Hash type '\(type)' is not supported")
        }
        // The digest of a random number and random digits are the same to whoever does not know the number.
        var generator = SystemRandomNumberGenerator()
        let digits = Array("0123456789abcdef")
        return String((0..<length).map { _ in digits[Int.random(in: 0..<16, using: &generator)] })
    }

    private static let saltErrors: Set<String> = [
        "CommandExecutionError", "SaltException", "SaltClientError", "SaltInvocationError", "CommandNotFoundError",
    ]
    private static let pythonErrors: Set<String> = [
        "Exception", "TypeError", "ValueError", "KeyError", "IndexError", "OSError", "RuntimeError", "AttributeError",
        "AssertionError", "NotImplementedError", "ZeroDivisionError", "LookupError", "ArithmeticError", "MemoryError",
    ]

    private static func raise(_ arguments: Arguments) throws -> FunctionResult {
        let name = arguments["name"].pythonText
        let message = arguments.rest.map(\.pythonText).joined(separator: ", ")
        if name.hasPrefix("salt.exceptions."), saltErrors.contains(String(name.dropFirst("salt.exceptions.".count))) {
            throw FunctionError.failed(reason: message)
        }
        guard pythonErrors.contains(name) else { return FunctionResult(false) }
        throw FunctionError.exception(type: name, message: message)
    }

    /// Salt's names of configuration keys whose values nobody should read in an answer.
    private static func masked(_ configuration: ValueMap) -> ValueMap {
        ValueMap(
            configuration.map { entry in
                let key = entry.key.pythonText.lowercasedASCII
                let isSecret = ["pass", "secret", "token", "private"].contains { key.contains($0) }
                return (key: entry.key, value: isSecret ? "**********" : entry.value)
            })
    }

    private static func version(_ context: FunctionContext) -> String {
        Muster.version
    }

    /// Salt's map `{Salt Version, Dependency Versions, System Versions}`, filled with what this node is made of.
    private static func versions(_ context: FunctionContext) async -> ValueMap {
        let facts = await context.facts.facts()
        func fact(_ name: String) -> Value { facts[name] ?? .null }
        let distribution = ["os", "osrelease", "oscodename"].compactMap { facts[$0]?.string }.joined(separator: " ")
        return [
            "Salt Version": .map(["Salt": .string("Muster \(version(context))")]),
            "Dependency Versions": .map([:]),
            "System Versions": .map([
                "dist": .string(distribution.lowercasedASCII), "machine": fact("cpuarch"),
                "release": fact("kernelrelease"), "system": fact("kernel"), "version": .string(distribution),
            ]),
        ]
    }

    private static func report(_ versions: ValueMap) -> String {
        var lines: [String] = []
        for section in versions {
            guard let entries = section.value.map, !entries.isEmpty else { continue }
            lines.append("\(section.key.pythonText):")
            for entry in entries {
                let name = entry.key.pythonText
                lines.append(
                    String(repeating: " ", count: max(1, 18 - name.count)) + "\(name): \(entry.value.pythonText)")
            }
            lines.append(" ")
        }
        return lines.joined(separator: "\n")
    }
}

extension Value {
    /// The type of the value in Python's words, as `<class 'str'>`.
    package var pythonType: String { "<class '\(pythonTypeName)'>" }
}

extension String {
    /// The text with A to Z in lower case. Foundation-free, and the same in every locale.
    package var lowercasedASCII: String {
        String(decoding: utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
