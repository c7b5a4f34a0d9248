import SaltProtocol

/// Answers that nodes keep to themselves until so many wait, to be let go all at once.
///
/// It is a load without a publish in it, or the herd that comes when a controller is back. Questions about jobs are not
/// held.
struct HeldAnswers {
    /// How many wait together; 0 when nothing is held.
    private let limit: Int
    private var waiting: [(link: NodeLink, answer: ReturnTemplate)] = []
    /// How many of those let go are not acknowledged.
    private var open = 0

    init(limit: Int) { self.limit = limit }

    var isOn: Bool { limit > 0 }

    /// Keeps an answer.
    ///
    /// - Returns: True when it is the last that was waited for.
    mutating func add(_ answer: ReturnTemplate, of link: NodeLink) -> Bool {
        waiting.append((link, answer))
        return waiting.count == limit
    }

    /// What is let go now: what waited when there was enough, and what came since.
    mutating func letGo() -> [(link: NodeLink, answer: ReturnTemplate)] {
        open += waiting.count
        defer { waiting = [] }
        return waiting
    }

    /// One that was let go was acknowledged.
    ///
    /// - Returns: True when it was the last of them.
    mutating func acknowledged() -> Bool {
        open -= 1
        return open == 0
    }
}
