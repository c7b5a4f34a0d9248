/// A version of the protocol, as `accept-version` and `version` spell it.
public enum Version: String, Sendable, Hashable, CaseIterable {
    case v1_0 = "1.0"
    case v1_1 = "1.1"
    case v1_2 = "1.2"

    /// How header lines are escaped, in all frames but CONNECT, STOMP and CONNECTED.
    public var escaping: Escaping {
        switch self {
        case .v1_0: .none
        case .v1_1: .v1_1
        case .v1_2: .v1_2
        }
    }

    /// The best version of ours that a client takes.
    ///
    /// - Parameter accepted: The client's `accept-version`; nil when it sent none, which means 1.0.
    /// - Returns: Nil when there is none.
    ///
    /// Spec: STOMP 1.2, "Protocol Negotiation". Tolerance: blanks around the commas (people write them).
    public static func highest(accepted: String?, ours: some Sequence<Version> = Version.allCases) -> Version? {
        guard let accepted else { return ours.contains(.v1_0) ? .v1_0 : nil }
        let theirs = accepted.split(separator: ",").map { $0.filter { $0 != " " } }
        return ours.filter { theirs.contains($0.rawValue) }.max()
    }

    /// The value of an `accept-version` header, or of the `version` header of a refusal: `1.0,1.1,1.2`.
    public static func list(_ versions: some Sequence<Version>) -> String {
        versions.sorted().map(\.rawValue).joined(separator: ",")
    }
}

extension Version: Comparable {
    public static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
}
