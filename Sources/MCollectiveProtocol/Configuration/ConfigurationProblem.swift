/// Something in a configuration that is not as it should be: for `muster doctor`, and for the log when it is grave.
package struct ConfigurationProblem: Hashable, Sendable {
    /// What is wrong.
    package enum Kind: Hashable, Sendable {
        /// The peers refuse to start with it.
        case unknownKey
        /// A plugin's option that nothing of ours reads.
        case unusedPluginKey
        /// An option that the peers gave up, and pass over.
        case deprecated
        /// An option of theirs that has no meaning here.
        case withoutMeaning
        /// A line that is no option.
        case ignoredLine
        case notBoolean
        case notNumber
        case notOneOf([String])
        case notIdentity
        /// What the configuration needs and lacks.
        case missing
    }

    /// The file as it was given to the reader.
    package var file: String
    /// Counted from one; zero for what is missing.
    package var line: Int
    package var key: String
    package var kind: Kind

    /// Whether the peers would not start, or we cannot.
    package var isError: Bool {
        switch kind {
        case .unknownKey, .notBoolean, .notNumber, .notOneOf, .notIdentity, .missing: true
        case .unusedPluginKey, .deprecated, .withoutMeaning, .ignoredLine: false
        }
    }
}

extension ConfigurationProblem: CustomStringConvertible {
    package var description: String {
        let place = line > 0 ? "\(file):\(line)" : file
        return key.isEmpty ? "\(place): \(reason)" : "\(place): '\(key)' \(reason)"
    }

    /// What is wrong, without the place and the key.
    package var reason: String {
        switch kind {
        case .unknownKey: "no option of MCollective: remove it"
        case .unusedPluginKey: "no plugin here reads it"
        case .deprecated: "deprecated and ignored by MCollective too"
        case .withoutMeaning: "has no meaning for muster and is ignored"
        case .ignoredLine: "neither a comment nor 'key = value': ignored"
        case .notBoolean: "must be 1, y, yes, t, true or 0, n, no, f, false"
        case .notNumber: "must be a number that is not negative"
        case .notOneOf(let names): "must be one of \(names.joined(separator: ", "))"
        case .notIdentity: "may have letters, digits, '_', '.' and '-' only"
        case .missing: "is needed and not set"
        }
    }
}
