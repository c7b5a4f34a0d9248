import MusterCore

/// Nodes that are known without asking: the discovery methods `flatfile` and `stdin`.
///
/// Source: MCollective 2.12, `discovery/flatfile.rb`, `discovery/stdin.rb`.
package struct NodeList: Hashable, Sendable {
    /// The identities, in their order; may repeat.
    package private(set) var identities: [String] = []

    /// Reads one identity a line; `#` comments and blank lines are passed over.
    ///
    /// - Parameter method: The name that errors use.
    package init(lines text: String, method: String = "flatfile") throws(NodeListError) {
        for (place, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let name = String(line).trimmingBlanks
            guard !name.isEmpty, !name.hasPrefix("#") else { continue }
            guard Identity.isValid(name) else { throw .notIdentity(line: place + 1, method: method) }
            identities.append(name)
        }
    }

    /// Reads an array of maps with `sender` or `certname`, such as `mco rpc --json` prints.
    package init(json text: [UInt8]) throws(NodeListError) {
        let value: Value
        do { value = try JSON.value(text) } catch { throw .notJSON("\(error)") }
        guard let elements = value.array else { throw .notJSON("not an array") }
        for (place, element) in elements.enumerated() {
            guard let name = element["sender"]?.string ?? element["certname"]?.string, Identity.isValid(name) else {
                throw .notIdentity(line: place + 1, method: "stdin")
            }
            identities.append(name)
        }
    }

    /// Reads JSON when the text begins as an array, and lines otherwise: the option `auto` of `stdin`.
    package init(detecting text: [UInt8]) throws(NodeListError) {
        let first = text.first { ![0x20, 0x09, 0x0a, 0x0d].contains($0) }
        if first == UInt8(ascii: "[") {
            try self.init(json: text)
        } else {
            try self.init(lines: String(decoding: text, as: UTF8.self), method: "stdin")
        }
    }

    /// The identities that a filter means. Only tests of identities can be judged without asking.
    ///
    /// - Returns: Each once, in the order of the list.
    package func matching(_ filter: Filter, method: String = "flatfile") throws(NodeListError) -> [String] {
        if !filter.facts.isEmpty { throw .unsupportedFilter("fact", method: method) }
        if !filter.classes.isEmpty { throw .unsupportedFilter("class", method: method) }
        if !filter.compounds.isEmpty { throw .unsupportedFilter("compound", method: method) }
        var seen: Set<String> = []
        return identities.filter { name in
            let isMeant = filter.identities.isEmpty || filter.identities.contains { $0.isFound(in: [name]) }
            return isMeant && seen.insert(name).inserted
        }
    }
}

/// Why there are no nodes.
package enum NodeListError: Error, Hashable, Sendable {
    case notIdentity(line: Int, method: String)
    case notJSON(String)
    case unsupportedFilter(String, method: String)
}

extension NodeListError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notIdentity(let line, let method):
            "Identities can only match [\\w\\.\\-]: entry \(line) of the \(method) list does not"
        case .notJSON(let reason): "the list on the standard input is not JSON: \(reason)"
        case .unsupportedFilter(let filter, let method):
            "Cannot use \(filter) filters while using the '\(method)' discovery method"
        }
    }
}
