/// The terminal colours of Salt's layouts, or no colours at all.
///
/// Source: Salt 3008, `salt/utils/color.py` and `salt/utils/textformat.py`.
package struct Palette: Sendable, Hashable {
    package enum Color: String, Sendable {
        case red = "31"
        case lightRed = "1;31"
        case green = "32"
        case lightGreen = "1;32"
        case yellow = "33"
        case lightYellow = "1;33"
        case blue = "34"
        case lightBlue = "1;34"
        case magenta = "35"
        case lightMagenta = "1;35"
        case cyan = "36"
        case bold = "1"
        case faint = "2"
    }

    /// Whether colours are written.
    package let isEnabled: Bool

    package static let colored = Palette(isEnabled: true)
    package static let plain = Palette(isEnabled: false)

    /// What switches a colour on; empty without colours.
    package func start(_ color: Color) -> String { isEnabled ? "\u{1b}[0;\(color.rawValue)m" : "" }

    /// What switches every colour off; empty without colours.
    package var end: String { isEnabled ? "\u{1b}[0;0m" : "" }

    /// Text in a colour.
    package func paint(_ text: String, _ color: Color) -> String { start(color) + text + end }
}
