import MusterCore

/// The layout of `salt-key`: a heading for each state, the keys under it.
///
/// The value is `{minions: [...], minions_pre: [...], minions_rejected: [...], minions_denied: [...]}`, or with
/// fingerprints maps instead of lists, and `local` beside them.
enum KeyOutput {
    private struct Section {
        let title: String
        let heading: Palette.Color
        let entry: Palette.Color
    }

    private static let sections: [String: Section] = [
        "minions": Section(title: "Accepted", heading: .lightGreen, entry: .green),
        "minions_pre": Section(title: "Unaccepted", heading: .lightRed, entry: .red),
        "minions_denied": Section(title: "Denied", heading: .lightMagenta, entry: .magenta),
        "minions_rejected": Section(title: "Rejected", heading: .lightBlue, entry: .blue),
        "local": Section(title: "Local", heading: .lightMagenta, entry: .magenta),
    ]

    /// Nil when the value has another shape.
    static func text(_ value: Value, palette: Palette) -> String? {
        guard let map = value.map, let entries = PythonText.sorted(map) else { return nil }
        var lines: [String] = []
        for entry in entries {
            guard let section = entry.key.string.flatMap({ sections[$0] }) else { return nil }
            lines.append(palette.paint("\(section.title) Keys:", section.heading))
            switch entry.value {
            case .array(let names):
                lines += names.compactMap(\.string).sorted(by: PythonText.precedes)
                    .map { palette.paint($0.replacingEscapes(), section.entry) }
            case .map(let keys):
                lines += (PythonText.sorted(keys) ?? keys.entries).map {
                    palette.paint(
                        "\($0.key.pythonText.replacingEscapes()):  \($0.value.pythonText)", section.entry)
                }
            default: return nil
            }
        }
        return lines.joined(separator: "\n")
    }
}
