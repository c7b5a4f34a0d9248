import MCollectiveProtocol

/// A filter in words.
///
/// Source: MCollective 2.12, `application/describe_filter.rb`. Of several compound filters it explains the first, too.
enum FilterText {
    static func text(_ filter: Filter) -> String {
        var text = ""
        if !filter.facts.isEmpty {
            text += "-F filter expands to the following fact comparisons:\n\n"
            text += filter.facts.map { "  \(line($0.fact, $0.operator.rawValue, $0.value))\n" }.joined() + "\n"
        }
        if !filter.classes.isEmpty {
            text += "-C filter expands to the following class checks:\n\n"
            text += filter.classes.map { "  \(line(class: name($0)))\n" }.joined() + "\n"
        }
        if let compound = filter.compounds.first {
            text += "-S Query expands to the following instructions:\n\n"
            text += lines(compound.tokens).map { "\($0)\n" }.joined() + "\n"
        }
        return text
    }

    private static func line(_ fact: String, _ mark: String, _ value: String) -> String {
        "Check if fact '\(fact)' \(mark) '\(value)'"
    }

    private static func line(class name: String) -> String { "Check if class '\(name)' is present on the host" }

    private static func name(_ test: NameTest) -> String {
        switch test {
        case .text(let text): text
        case .regexp(let regexp): RubyText.text(of: .regexp(regexp))
        }
    }

    private static func lines(_ tokens: [CompoundFilter.Token]) -> [String] {
        var indent = "  "
        var outer = indent
        return tokens.map { token in
            switch token {
            case .statement(let text): return indent + line(statement: text)
            case .function(let function): return indent + line(function)
            case .and: return indent + "AND"
            case .or: return indent + "OR"
            case .not: return indent + "NOT"
            case .open:
                outer = indent
                indent += indent
                return outer + "("
            case .close:
                indent = outer
                return indent + ")"
            }
        }
    }

    /// Signs that are no part of this list make a class of the statement, as in the original.
    private static func line(statement text: String) -> String {
        let marks = ["<=", ">=", "="]
        for place in text.indices {
            guard let mark = marks.first(where: { text[place...].hasPrefix($0) }) else { continue }
            let rest = text[place...].dropFirst(mark.count)
            return line(String(text[..<place]), mark, rest.split(separator: mark).first.map(String.init) ?? "")
        }
        return line(class: text)
    }

    private static func line(_ function: DataFunction) -> String {
        let parameters = function.call.query.map { " with parameters (\($0))" } ?? ""
        let operand =
            switch function.operand {
            case .text(let text): text
            case .regexp(let regexp): RubyText.text(of: .regexp(regexp))
            }
        return "Execute the Data Query '\(function.call.plugin)'\(parameters). "
            + "Check if the query's '\(function.output)' value \(function.operator.rawValue) '\(operand)'  "
    }
}
