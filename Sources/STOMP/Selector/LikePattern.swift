/// A pattern of LIKE: `%` is any text, `_` one character, and the escape character takes either for itself.
struct LikePattern: Sendable, Hashable {
    private enum Part: Sendable, Hashable {
        case exactly(Character)
        case one
        case any
    }

    private let parts: [Part]

    /// - Parameter escape: Nil for none.
    init(_ text: String, escape: Character?) {
        var parts: [Part] = []
        var isEscaped = false
        for character in text {
            switch character {
            case _ where isEscaped:
                parts.append(.exactly(character))
                isEscaped = false
            case _ where character == escape: isEscaped = true
            case "%": if parts.last != .any { parts.append(.any) }
            case "_": parts.append(.one)
            default: parts.append(.exactly(character))
            }
        }
        self.parts = parts
    }

    /// - Complexity: O(text × pattern), whatever the pattern.
    func matches(_ text: String) -> Bool {
        let text = Array(text)
        var (part, position) = (0, 0)
        var lastAny: (part: Int, position: Int)?
        while position < text.count {
            if part < parts.count, parts[part] == .any {
                lastAny = (part, position)
                part += 1
            } else if part < parts.count, parts[part] == .one || parts[part] == .exactly(text[position]) {
                (part, position) = (part + 1, position + 1)
            } else if let any = lastAny {
                lastAny = (any.part, any.position + 1)
                (part, position) = (any.part + 1, any.position + 1)
            } else {
                return false
            }
        }
        return parts[part...].allSatisfy { $0 == .any }
    }
}
