package import MusterCore

/// How a simulated node takes jobs.
package enum NodeCharacter: Sendable, Hashable {
    /// Answers as asked.
    case ordinary
    /// Is there, and never answers.
    case silent
    /// Answers with return code 1.
    case failing

    /// The characters of `count` nodes: exactly the shares that were asked for, rounded down, on random nodes.
    ///
    /// - Parameter behaviour: The shares in percent; together at most 100.
    package static func assigned(
        to count: Int, _ behaviour: SimulationSettings.Behaviour, using random: inout some RandomNumberGenerator
    ) -> [NodeCharacter] {
        let silent = Int(Double(count) * behaviour.silentPercent / 100)
        let failing = min(Int(Double(count) * behaviour.failingPercent / 100), count - silent)
        var characters =
            [NodeCharacter](repeating: .silent, count: silent) + [NodeCharacter](repeating: .failing, count: failing)
        characters += [NodeCharacter](repeating: .ordinary, count: count - silent - failing)
        if silent + failing > 0 { characters.shuffle(using: &random) }
        return characters
    }
}
