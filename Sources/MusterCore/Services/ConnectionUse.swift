/// How many connections a port has, and how many it takes.
package struct ConnectionUse: Sendable, Hashable, Codable {
    /// `salt publish`, `salt request`.
    package var port: String
    /// Those in their handshake included.
    package var used: Int
    package var limit: Int
    /// Whether it is the limit of open files that allows no more, and not the configuration.
    package var isLimitedByDescriptors: Bool

    package init(port: String, used: Int, limit: Int, isLimitedByDescriptors: Bool) {
        self.port = port
        self.used = used
        self.limit = limit
        self.isLimitedByDescriptors = isLimitedByDescriptors
    }
}
