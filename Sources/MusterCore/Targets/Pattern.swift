/// How one text is compared: by glob, by a regular expression anchored at the start, or as it is.
///
/// Not Sendable, because compiled regular expressions are not: make it where it is used.
package struct Pattern {
    private enum Kind {
        case glob(Glob)
        case regex(Regex<AnyRegexOutput>)
        case exact(String)
    }

    private let kind: Kind

    /// A shell pattern over the whole text.
    package static func glob(_ text: String) -> Pattern { Pattern(kind: .glob(Glob(text))) }

    /// The text itself.
    package static func exact(_ text: String) -> Pattern { Pattern(kind: .exact(text)) }

    /// A regular expression that must match from the first character on, as Python's `re.match`.
    ///
    /// - Throws: `TargetError.invalidExpression` when it cannot be compiled.
    package static func regex(_ text: String) throws(TargetError) -> Pattern {
        do {
            return Pattern(kind: .regex(try Regex(text).matchingSemantics(.unicodeScalar)))
        } catch {
            throw .invalidExpression(text, reason: "not a regular expression: \(error)")
        }
    }

    package func matches(_ text: String) -> Bool {
        switch kind {
        case .glob(let glob): glob.matches(text)
        // A regular expression fails only for patterns refused when compiled; then nothing matches.
        case .regex(let regex): (try? regex.prefixMatch(in: text)) != nil
        case .exact(let exact): exact == text
        }
    }
}

/// Why a target cannot be read.
package enum TargetError: Error, Hashable, Sendable {
    case invalidExpression(String, reason: String)
    case unknownNodegroup(String)
    case nodegroupLoop(String)
}

extension TargetError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidExpression(let text, let reason): "'\(text)': \(reason)"
        case .unknownNodegroup(let name):
            "nodegroup '\(name)' is not defined: add it to 'nodegroups' in the configuration"
        case .nodegroupLoop(let name): "nodegroup '\(name)' contains itself"
        }
    }
}
