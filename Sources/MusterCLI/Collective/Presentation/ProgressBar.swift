/// The bar that counts replies: a twirling mark and a line that grows on a terminal, numbers elsewhere.
///
/// Source: MCollective 2.12, `rpc/progress.rb`.
struct ProgressBar: Sendable, Hashable {
    private static let marks = ["|", "/", "-", "\\"]
    private let width: Int
    private let colors: McoColors
    private var turn = 0

    /// - Parameter columns: The width of the terminal, nil when there is none.
    init(columns: Int?, colors: McoColors) {
        width = min(60, max(0, (columns ?? 0) - 22))
        self.colors = colors
    }

    /// What is written when so many have answered. It begins with a carriage return and has no end.
    mutating func text(_ current: Int, of total: Int) -> String {
        guard width > 0 else { return "\r\(current) / \(total)" }
        let mark =
            current == total
            ? colors.text(.green, "*") : colors.text(.red, ProgressBar.marks[turn % ProgressBar.marks.count])
        turn += 1
        let share = total > 0 ? Double(current) / Double(total) : 0
        let count = min(width, Int((share * Double(width)).rounded()))
        let bar = String(repeating: "=", count: count) + ">" + String(repeating: " ", count: width - count)
        return "\r \(mark) [ \(bar) ] \(current) / \(total)"
    }
}
