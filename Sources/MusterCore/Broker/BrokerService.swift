/// What operators can ask of a broker. The HTTP API serves it, the command line calls it through that.
package protocol BrokerService: Sendable {
    func status() async throws -> BrokerStatus
    /// By virtual host and name.
    func queues() async throws -> [BrokerQueue]
    /// By virtual host and destination.
    func topics() async throws -> [BrokerTopic]
    /// Oldest first.
    func connections() async throws -> [BrokerClientConnection]
    /// By name.
    func users() async throws -> [BrokerUser]
    /// By user and virtual host.
    func permissions() async throws -> [BrokerPermission]
    /// Makes one change; when it returns, the change survives a power cut.
    ///
    /// - Parameter user: Who wants it, for the log.
    /// - Throws: `BrokerServiceError`; nothing was changed then.
    func change(_ change: BrokerChange, by user: String) async throws -> BrokerChangeResult
}
