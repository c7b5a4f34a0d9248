/// How many connections each port takes: what is configured, or less when the descriptors do not go so far.
///
/// Some descriptors are always left, so that a flood of connections never keeps the controller from opening its own
/// files: the store, keys, the control socket. That also means that the system seldom refuses us a connection; we do, and
/// say so.
package struct ConnectionBudget: Sendable, Hashable {
    /// What the store, the control socket, key files and the run time need.
    package static let reserve = 128

    /// For each of the two ports.
    package let perPort: Int
    /// Whether the descriptors are the limit.
    package let isLimitedByDescriptors: Bool

    /// - Parameters:
    ///   - maxConnections: what is configured for each port.
    ///   - descriptors: how many files and sockets the process may have open; nil when that is not known.
    package init(maxConnections: Int, descriptors: Int?) {
        let affordable = descriptors.map { max(1, ($0 - ConnectionBudget.reserve) / 2) } ?? Int.max
        perPort = min(maxConnections, affordable)
        isLimitedByDescriptors = affordable < maxConnections
    }

    /// The limit of descriptors that `maxConnections` would need.
    package static func descriptors(for maxConnections: Int) -> Int { 2 * maxConnections + reserve }
}
