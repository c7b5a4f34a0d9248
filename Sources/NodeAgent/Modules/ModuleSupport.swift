import MusterCore

/// What functions of several modules ask of their arguments.
extension Arguments {
    /// Python's truth of an argument, with the words that operators use for it on a command line.
    func isTrue(_ name: String) -> Bool { self[name].isTrueArgument }

    /// An argument as text: numbers and truths as Python prints them, since a command line turns `5` into a number.
    func text(_ name: String) -> String { self[name].argumentText }

    /// An argument as text, nil when it is null or empty.
    func optionalText(_ name: String) -> String? {
        let text = self[name].isNull ? "" : text(name)
        return text.isEmpty ? nil : text
    }

    /// An argument as a whole number, also when it was given as text.
    ///
    /// - Throws: `FunctionError.failed` naming the argument.
    func integer(_ name: String) throws(FunctionError) -> Int64 {
        if let number = self[name].int { return number }
        if let number = self[name].string.flatMap({ Int64($0) }) { return number }
        throw .failed(reason: "\(name) must be a whole number, not '\(text(name))'")
    }

    /// An argument as a list of texts: a list, or a text split at commas; none when it is null or empty.
    func list(_ name: String) -> [String] {
        switch self[name] {
        case .array(let elements): elements.map(\.argumentText)
        case .null: []
        case let value: value.argumentText.split(separator: ",").map(\.trimmed).filter { !$0.isEmpty }
        }
    }
}

extension Value {
    /// Salt's `is_true`: numbers other than zero, and the text "true".
    var isTrueArgument: Bool {
        switch self {
        case .string(let text): Int64(text).map { $0 != 0 } ?? (text.lowercased() == "true")
        case .null, .bool, .int, .uint, .double, .bytes, .array, .map: isTruthy
        }
    }

    /// The value as Python's `str` prints it, maps and lists as JSON.
    var argumentText: String {
        switch self {
        case .null: "None"
        case .bool(let flag): flag ? "True" : "False"
        case .int(let number): String(number)
        case .uint(let number): String(number)
        case .double(let number): number.shortest
        case .string(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .array, .map: JSON.text(self, layout: .spaced)
        }
    }

    /// A text as a number when it is one, else as it is: Salt's `_number`.
    static func number(_ text: some StringProtocol) -> Value {
        if let number = Int64(text) { return .int(number) }
        if let number = UInt64(text) { return .uint(number) }
        return Double(text).map(Value.double) ?? .string(String(text))
    }
}

extension FunctionContext {
    /// What a program printed, whatever it exited with; nil when it cannot be run. Its words are English.
    func output(of arguments: [String], timeout: Duration = .seconds(60)) async throws -> String? {
        var command = ProcessCommand(arguments)
        command.environment = ["LC_ALL": "C"]
        command.timeout = timeout
        do {
            return String(decoding: try await processes.run(command).output, as: UTF8.self)
        } catch FunctionError.failed {
            return nil
        }
    }
}
