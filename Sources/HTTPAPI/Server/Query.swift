import Hummingbird
import HummingbirdCore
import MusterCore

/// The parameters after `?`. One that the route does not know is an error, so that a typo never widens a question.
struct Query {
    private let items: [(name: String, value: String)]

    /// - Parameter names: the parameters the route takes.
    init(_ request: Request, allowing names: String...) throws(APIError) {
        var items: [(name: String, value: String)] = []
        for part in (request.uri.query ?? "").split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = PercentEncoding.decode(pair[0]),
                let value = PercentEncoding.decode(pair.count > 1 ? pair[1] : "")
            else { throw .badParameter(name: String(part), reason: "its percent-encoding cannot be read") }
            guard names.contains(name) else {
                let known =
                    names.isEmpty ? "this route takes none" : "this route takes \(names.joined(separator: ", "))"
                throw .badParameter(name: name, reason: known)
            }
            items.append((name, value))
        }
        self.items = items
    }

    /// The last value of a parameter, nil when it is not there.
    func text(_ name: String) -> String? { items.last { $0.name == name }?.value }

    /// Every value of a parameter, in order; nil when it is not there.
    func all(_ name: String) -> [String]? {
        let values = items.filter { $0.name == name }.map(\.value)
        return values.isEmpty ? nil : values
    }

    func flag(_ name: String, default missing: Bool) throws(APIError) -> Bool {
        switch text(name) {
        case nil: missing
        case "true", "1", "": true
        case "false", "0": false
        case .some: throw .badParameter(name: name, reason: "true or false is expected")
        }
    }

    func number<Number: FixedWidthInteger>(_ name: String, in range: ClosedRange<Number>) throws(APIError) -> Number? {
        guard let text = text(name) else { return nil }
        guard let number = Number(text), range.contains(number) else {
            throw .badParameter(
                name: name, reason: "a number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    func job(_ name: String) throws(APIError) -> JobID? {
        guard let text = text(name) else { return nil }
        return try JobID.parameter(text, named: name)
    }
}

extension JobID {
    static func parameter(_ text: String, named name: String) throws(APIError) -> JobID {
        guard let id = JobID(text) else { throw .badParameter(name: name, reason: "'\(text)' is not a job id") }
        return id
    }
}

extension NodeID {
    static func parameter(_ text: String, named name: String) throws(APIError) -> NodeID {
        guard let id = NodeID(text) else { throw .badParameter(name: name, reason: "'\(text)' is not a node id") }
        return id
    }
}
