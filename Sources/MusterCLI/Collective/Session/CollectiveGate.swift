package import MCollectiveProtocol

/// The way from a configuration file to a collective. The program goes through a broker, tests through memory.
package protocol CollectiveGate: Sendable {
    /// Reads what a client of the collective is set up with.
    ///
    /// - Parameter file: The configuration file, nil for the first there is of the usual ones.
    /// - Throws: an error that says the file, and the key when it is one.
    func site(_ file: String?) throws -> any CollectiveSite
}

/// A collective as a client is set up for it; nothing is connected yet.
package protocol CollectiveSite: Sendable {
    var configuration: CollectiveConfiguration { get }
    /// Who asks.
    var callerID: CallerID { get }
    /// What was said about the configuration and does not stop the client.
    var problems: [ConfigurationProblem] { get }

    /// Connects to a broker.
    ///
    /// - Parameter timeout: How long to try; nil tries for ever.
    func connect(within timeout: Duration?) async throws -> any CollectiveCaller
}

/// A connection that requests go out on.
package protocol CollectiveCaller: Sendable {
    /// Sends a request, and takes in replies to it from now on.
    func send(_ call: CollectiveCall) async throws -> any CollectiveConversation
    /// Ends the connection.
    func close() async
}

/// A request that is out, and its replies. One consumer.
package protocol CollectiveConversation: Sendable {
    var requestID: String { get }
    /// How many replies proved nothing and were left out.
    var refusedReplies: Int { get }
    /// What has arrived since the last call, at least one, in the order of arrival; nil at the deadline.
    func next(until deadline: ContinuousClock.Instant) async throws -> [CollectiveAnswer]?
    /// No further replies are taken.
    func end() async
}

/// A request as it is sent.
package struct CollectiveCall: Sendable, Hashable {
    /// Whom it is for.
    package enum Recipients: Sendable, Hashable {
        /// One message to all, judged by the filter.
        case everybody
        /// One message to each of these.
        case nodes([String])
    }

    package var body: RubyValue
    package var agent: String
    package var filter: Filter
    /// Nil is the main collective.
    package var collective: String?
    /// Seconds; nil leaves it to the configuration.
    package var ttl: Int64?
    package var recipients: Recipients
    /// Where replies go instead of here.
    package var replyTo: String?
}

/// A reply with the moment of its arrival.
package struct CollectiveAnswer: Sendable {
    package var reply: CollectiveReply
    package var receivedAt: ContinuousClock.Instant

    package init(_ reply: CollectiveReply, at receivedAt: ContinuousClock.Instant) {
        self.reply = reply
        self.receivedAt = receivedAt
    }
}
