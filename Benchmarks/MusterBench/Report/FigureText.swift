/// How values are written in the table.
enum FigureText {
    /// Three significant digits, whole numbers from 100 on, thousands apart: `0.42`, `12.3`, `40 100`.
    static func number(_ value: Double) -> String {
        let size = value.magnitude
        let digits = size >= 100 ? 0 : size >= 10 ? 1 : 2
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let whole = Int((size * scale).rounded())
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + grouped(whole) }
        let fraction = String(whole % Int(scale))
        return sign + "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// The median with its unit, and the range when there were several rounds.
    static func cell(_ cell: Cell, _ unit: Figure.Unit) -> String {
        switch cell {
        case .none: return "–"
        case .failed: return "failed"
        case .measured(let samples):
            let median = "\(number(samples.median)) \(unit.rawValue)"
            guard samples.values.count > 1 else { return median }
            return "\(median) (\(number(samples.lowest)) to \(number(samples.highest)))"
        }
    }

    static func ratio(_ ratio: Double?) -> String {
        ratio.map { "\(number($0)) ×" } ?? "–"
    }

    private static func grouped(_ number: Int) -> String {
        let digits = Array(String(number))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += " " }
            text.append(digit)
        }
        return text
    }
}
