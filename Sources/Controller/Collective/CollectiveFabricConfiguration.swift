package import CollectiveBus

/// How the collective is reached.
package struct CollectiveFabricConfiguration: Sendable {
    /// What `client.cfg` says.
    package var setup: CollectiveSetup
    /// The longest time that a discovery takes. Raised, slow nodes are found and jobs for new targets begin later.
    package var discoveryTimeout: Duration = .seconds(2)
    /// How long a late answer still lands at least, from the request on; longer for jobs that are waited for longer.
    package var replyWindow: Duration = .seconds(600)
    package init(setup: CollectiveSetup) { self.setup = setup }
}
