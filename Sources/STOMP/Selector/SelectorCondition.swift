/// A selector as a tree.
indirect enum SelectorCondition: Sendable, Hashable {
    enum Operand: Sendable, Hashable {
        case header(String)
        case text(String)
        case number(Double)
    }

    enum Comparison: Sendable, Hashable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    }

    case constant(Bool)
    case and([SelectorCondition])
    case or([SelectorCondition])
    case not(SelectorCondition)
    case compare(Comparison, Operand, Operand)
    case isNull(String)
    case isIn(String, Set<String>)
    case isLike(String, LikePattern)
    /// A header that is `true` or `false` itself.
    case isTrue(String)

    /// True, false, or nil for unknown.
    func evaluate(_ header: (String) -> String?) -> Bool? {
        switch self {
        case .constant(let value): return value
        case .and(let conditions):
            var result: Bool? = true
            for condition in conditions {
                switch condition.evaluate(header) {
                case false: return false
                case nil: result = nil
                case true: break
                }
            }
            return result
        case .or(let conditions):
            var result: Bool? = false
            for condition in conditions {
                switch condition.evaluate(header) {
                case true: return true
                case nil: result = nil
                case false: break
                }
            }
            return result
        case .not(let condition): return condition.evaluate(header).map { !$0 }
        case .compare(let comparison, let left, let right): return compare(comparison, left, right, header)
        case .isNull(let name): return header(name) == nil
        case .isIn(let name, let values): return header(name).map { values.contains($0) }
        case .isLike(let name, let pattern): return header(name).map { pattern.matches($0) }
        case .isTrue(let name): return header(name).flatMap { Bool($0.lowercased()) }
        }
    }

    private func compare(
        _ comparison: Comparison, _ left: Operand, _ right: Operand, _ header: (String) -> String?
    ) -> Bool? {
        let isNumeric = left.isNumber || right.isNumber || comparison.ordersOnly
        if isNumeric {
            guard let left = left.number(header), let right = right.number(header) else { return nil }
            return comparison.holds(left, right)
        }
        guard let left = left.text(header), let right = right.text(header) else { return nil }
        return comparison == .equal ? left == right : left != right
    }
}

extension SelectorCondition.Operand {
    fileprivate var isNumber: Bool {
        switch self {
        case .number: true
        case .header, .text: false
        }
    }

    fileprivate func number(_ header: (String) -> String?) -> Double? {
        switch self {
        case .number(let number): number
        case .header(let name): header(name).flatMap { Double($0) }
        case .text: nil
        }
    }

    fileprivate func text(_ header: (String) -> String?) -> String? {
        switch self {
        case .text(let text): text
        case .header(let name): header(name)
        case .number: nil
        }
    }
}

extension SelectorCondition.Comparison {
    /// Whether it has a meaning between numbers alone.
    fileprivate var ordersOnly: Bool {
        switch self {
        case .equal, .notEqual: false
        case .less, .lessOrEqual, .greater, .greaterOrEqual: true
        }
    }

    fileprivate func holds(_ left: Double, _ right: Double) -> Bool {
        switch self {
        case .equal: left == right
        case .notEqual: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }
}
