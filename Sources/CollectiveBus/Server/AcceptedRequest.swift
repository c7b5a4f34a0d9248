package import MCollectiveProtocol

/// A request that was proved, in time, and the first of its kind. Its filter has not been judged.
package struct AcceptedRequest: Sendable {
    package var request: CollectiveRequest
    /// Where the broker says that replies go.
    package var replyTo: String?
    package var arrival: RequestRules.Arrival

    package init(request: CollectiveRequest, replyTo: String?, arrival: RequestRules.Arrival) {
        self.request = request
        self.replyTo = replyTo
        self.arrival = arrival
    }
}

/// Who serves what a `CollectiveServer` accepts.
package protocol CollectiveRequestHandler: AnyObject, Sendable {
    /// Called on the event loop; must not block. What is broken or refused never comes here: the server counts and logs it.
    func received(_ request: AcceptedRequest, on server: CollectiveServer)
}
