/// Reads a command line as Ruby's OptionParser does: options anywhere between the words until `--`, short ones in
/// clusters, long ones by any beginning that only one has, values as the next word or behind `=`.
///
/// Source: Ruby 3.1, `optparse.rb`, `parse_in_order`.
struct RubyOptionParser {
    /// What a command line holds.
    struct Result: Sendable, Hashable {
        /// One option as it was given.
        struct Given: Sendable, Hashable {
            var key: String
            /// Empty for an option without one.
            var value: String
        }

        /// In the order of the command line.
        var options: [Given] = []
        /// The words that are no options.
        var words: [String] = []
    }

    let options: [RubyOption]

    /// - Throws: ``McoFailure`` with the text of Ruby.
    func parse(_ words: [String]) throws(McoFailure) -> Result {
        var result = Result()
        var rest = words[...]
        while let word = rest.popFirst() {
            if word == "--" {
                result.words += rest
                break
            } else if word.hasPrefix("--") {
                try takeLong(word, &rest, &result)
            } else if word.hasPrefix("-"), word.count > 1 {
                try takeShort(word, &rest, &result)
            } else {
                result.words.append(word)
            }
        }
        return result
    }

    private func takeLong(
        _ word: String, _ rest: inout ArraySlice<String>, _ result: inout Result
    ) throws(McoFailure) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let option = try find(parts[0], word)
        if parts.count == 2 {
            guard option.argument != .none else { throw McoFailure("needless argument: \(word)") }
            try store(option, parts[1], shown: word, &result)
        } else if option.needsValue {
            guard let value = rest.popFirst() else { throw McoFailure("missing argument: \(word)") }
            try store(option, value, shown: "\(word) \(value)", &result)
        } else if case .optionalText = option.argument, let value = rest.first, !value.hasPrefix("-") {
            rest.removeFirst()
            try store(option, value, shown: word, &result)
        } else {
            try store(option, "", shown: word, &result)
        }
    }

    private func takeShort(
        _ word: String, _ rest: inout ArraySlice<String>, _ result: inout Result
    ) throws(McoFailure) {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
            let name = "-\(letter)"
            guard let option = options.first(where: { $0.short == name }) else {
                throw McoFailure("invalid option: \(name)")
            }
            guard option.needsValue else {
                try store(option, "", shown: name, &result)
                continue
            }
            if !letters.isEmpty {
                try store(option, String(letters), shown: word, &result)
            } else {
                guard let value = rest.popFirst() else { throw McoFailure("missing argument: \(name)") }
                try store(option, value, shown: "\(name) \(value)", &result)
            }
            return
        }
    }

    private func find(_ name: String, _ word: String) throws(McoFailure) -> RubyOption {
        if let option = options.first(where: { $0.long.contains(name) }) { return option }
        let matches = options.filter { $0.long.contains { $0.hasPrefix(name) } }
        guard let first = matches.first else { throw McoFailure("invalid option: \(word)") }
        guard matches.count == 1 else { throw McoFailure("ambiguous option: \(word)") }
        return first
    }

    private func store(
        _ option: RubyOption, _ value: String, shown: String, _ result: inout Result
    ) throws(McoFailure) {
        let isValid =
            switch option.argument {
            case .none, .text, .optionalText: true
            case .integer: Int(value) != nil
            case .number: Double(value).map(\.isFinite) ?? false
            }
        guard isValid else { throw McoFailure("invalid argument: \(shown)") }
        result.options.append(.init(key: option.key, value: value))
    }
}
