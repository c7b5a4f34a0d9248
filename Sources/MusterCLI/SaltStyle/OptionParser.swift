/// Reads a command line as Python's optparse does: options anywhere between the arguments until `--`, short ones in
/// clusters, long ones by any unambiguous beginning, values as the next word or behind `=`.
struct OptionParser {
    /// One option of a program.
    struct Option: Sendable {
        /// What becomes of it.
        enum Treatment: Sendable, Hashable {
            /// The program knows what to do.
            case taken
            /// Taken and without effect, for the reason.
            case ignored(String)
            /// Not there, for the reason.
            case refused(String)
        }

        /// The name under which the result has it.
        let key: String
        /// `-t`, `--timeout`: every spelling.
        let names: [String]
        /// What the value is called in help; nil for an option without one.
        let value: String?
        let treatment: Treatment
        let help: String

        init(
            _ key: String, _ names: [String], value: String? = nil, _ treatment: Treatment = .taken, _ help: String = ""
        ) {
            self.key = key
            self.names = names
            self.value = value
            self.treatment = treatment
            self.help = help
        }
    }

    /// What a command line holds.
    struct Result: Sendable, Hashable {
        /// The words that are no options.
        var arguments: [String] = []
        /// Values by key, the last one of a repeated option; empty text for an option without a value.
        var values: [String: String] = [:]
        /// Every value of an option that was repeated.
        var repeated: [String: [String]] = [:]

        func has(_ key: String) -> Bool { values[key] != nil }
        subscript(_ key: String) -> String? { values[key] }
    }

    let options: [Option]

    /// - Throws: `OptionError`, its text as optparse words it.
    func parse(_ words: [String]) throws(OptionError) -> Result {
        var result = Result()
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                result.arguments += rest
                break
            } else if word.hasPrefix("--") {
                try takeLong(word, &rest, &result)
            } else if word.hasPrefix("-"), word.count > 1 {
                try takeShort(word, &rest, &result)
            } else {
                result.arguments.append(word)
            }
        }
        return result
    }

    private func takeLong(_ word: String, _ rest: inout ArraySlice<String>, _ result: inout Result) throws(OptionError)
    {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        let (option, spelling) = try find(name)
        guard option.value != nil else {
            guard parts.count == 1 else { throw OptionError("\(spelling) option does not take a value") }
            try store(option, spelling, "", &result)
            return
        }
        guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
            throw OptionError("\(spelling) option requires 1 argument")
        }
        try store(option, spelling, value, &result)
    }

    private func takeShort(_ word: String, _ rest: inout ArraySlice<String>, _ result: inout Result) throws(OptionError)
    {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let name = "-\(letter)"
            guard let option = options.first(where: { $0.names.contains(name) }) else {
                throw OptionError("no such option: \(name)")
            }
            guard option.value != nil else {
                try store(option, name, "", &result)
                continue
            }
            guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
                throw OptionError("\(name) option requires 1 argument")
            }
            try store(option, name, value, &result)
            return
        }
    }

    private func find(_ name: String) throws(OptionError) -> (Option, String) {
        if let option = options.first(where: { $0.names.contains(name) }) { return (option, name) }
        let matches = options.flatMap { option in
            option.names.filter { $0.hasPrefix(name) && $0.hasPrefix("--") }.map { (option, $0) }
        }
        guard let first = matches.first else { throw OptionError("no such option: \(name)") }
        guard matches.allSatisfy({ $0.0.key == first.0.key }) else {
            throw OptionError("ambiguous option: \(name) (\(matches.map(\.1).sorted().joined(separator: ", "))?)")
        }
        return first
    }

    private func store(
        _ option: Option, _ spelling: String, _ value: String, _ result: inout Result
    ) throws(OptionError) {
        if case .refused(let reason) = option.treatment {
            throw OptionError("\(spelling) is not available here: \(reason)")
        }
        result.values[option.key] = value
        result.repeated[option.key, default: []].append(value)
    }

    /// The options with what becomes of them.
    func help() -> String {
        options.map { option in
            let names = option.names.map { name in
                option.value.map { name.hasPrefix("--") ? "\(name)=\($0)" : "\(name) \($0)" } ?? name
            }.joined(separator: ", ")
            let text =
                switch option.treatment {
                case .taken: option.help
                case .ignored(let reason): "Taken without effect: \(reason)"
                case .refused(let reason): "Refused: \(reason)"
                }
            let head = "  " + names
            return head.count < 24
                ? head + String(repeating: " ", count: 26 - head.count) + text
                : head + "\n" + String(repeating: " ", count: 26) + text
        }.joined(separator: "\n")
    }
}

/// What is wrong with a command line.
struct OptionError: Error, Hashable, Sendable, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
