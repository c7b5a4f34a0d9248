package import MusterCore

/// The way from the job engine to the nodes: a fabric.
package protocol JobPublishing: Sendable {
    /// Sends the job to some of the nodes it is for.
    ///
    /// - Parameter nodes: nil means everybody the job's own target means; a list replaces the target on the wire.
    func publish(_ job: Job, to nodes: [NodeID]?) async throws
}
