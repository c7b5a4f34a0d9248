/// The colours of `mco`: each coloured text is followed by a reset.
///
/// The option `color` decides, as in the original also where nobody looks at a terminal; `NO_COLOR` wins over it.
/// Source: MCollective 2.12, `util.rb`, `colorize`.
struct McoColors: Sendable, Hashable {
    enum Color: String, Sendable {
        case red = "\u{1b}[31m"
        case green = "\u{1b}[32m"
        case yellow = "\u{1b}[33m"
        case cyan = "\u{1b}[36m"
        case bold = "\u{1b}[1m"
        case reset = "\u{1b}[0m"
    }

    var isOn: Bool

    /// A text in a colour.
    func text(_ color: Color, _ text: String) -> String {
        isOn ? color.rawValue + text + Color.reset.rawValue : text
    }
}
