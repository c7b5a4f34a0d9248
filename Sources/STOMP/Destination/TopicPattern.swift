/// A topic or binding key with wildcards: words between dots.
///
///     *   one word
///     #   any number of words, also none (RabbitMQ)
///     >   all words from here on, at least one; last word only (ActiveMQ)
///
/// Sources: AMQP 0-9-1, "The topic exchange type"; ActiveMQ, "Wildcards".
public struct TopicPattern: Sendable, Hashable {
    private enum Word: Sendable, Hashable {
        case exactly(Substring)
        case one
        case any
        case rest
    }

    /// The pattern as written.
    public let text: String
    private let words: [Word]

    public init(_ text: String) {
        self.text = text
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var words: [Word] = []
        for (index, part) in parts.enumerated() {
            switch part {
            case "*": words.append(.one)
            // Several in a row mean the same as one, and would cost time.
            case "#": if words.last != .any { words.append(.any) }
            case ">" where index == parts.count - 1: words.append(.rest)
            default: words.append(.exactly(part))
            }
        }
        self.words = words
    }

    /// Whether there is a wildcard: without one a pattern matches itself alone, and a dictionary finds it.
    public var hasWildcards: Bool {
        words.contains { word in
            switch word {
            case .exactly: false
            case .one, .any, .rest: true
            }
        }
    }

    /// Whether a name matches.
    ///
    /// - Complexity: O(words of the name × words of the pattern), whatever the pattern.
    public func matches(_ name: String) -> Bool {
        let name = name.split(separator: ".", omittingEmptySubsequences: false)
        // Where the last `#` stands, and how many words it has taken: backing up there is enough.
        var (word, position) = (0, 0)
        var lastAny: (word: Int, position: Int)?
        while position < name.count {
            if word < words.count, words[word] == .any {
                lastAny = (word, position)
                word += 1
            } else if word < words.count, words[word] == .rest {
                return true
            } else if word < words.count, matches(words[word], name[position]) {
                (word, position) = (word + 1, position + 1)
            } else if let any = lastAny {
                lastAny = (any.word, any.position + 1)
                (word, position) = (any.word + 1, any.position + 1)
            } else {
                return false
            }
        }
        return words[word...].allSatisfy { $0 == .any }
    }

    private func matches(_ word: Word, _ text: Substring) -> Bool {
        switch word {
        case .exactly(let expected): expected == text
        case .one: true
        case .any, .rest: false
        }
    }
}
