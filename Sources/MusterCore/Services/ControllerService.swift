/// What operators can ask of a controller. The HTTP API serves it, the command line calls it through that.
package protocol ControllerService: Sendable {
    /// The nodes a target means now, without publishing anything.
    func preview(_ target: Target) async throws -> TargetPreview
    /// Stores the job with its expected nodes, then publishes it.
    ///
    /// - Throws: `ControllerError`: nothing matched, ids unknown, a target that cannot be read, the store refuses.
    func publish(_ request: JobRequest) async throws -> JobReceipt
    /// What happens in a job: first what has happened already, then live, to its end. What is there together comes as one
    /// group; none is empty.
    func follow(_ job: JobID) async throws -> AsyncThrowingStream<[JobUpdate], any Error>
    func jobs(_ query: JobQuery) async throws -> [StoredJob]
    func job(_ id: JobID) async throws -> JobReport
    /// The answers that are in. A node list narrows them; nil means all.
    func answers(of job: JobID, nodes: [NodeID]?) async throws -> [NodeAnswer]
    /// Everything known about one node in one job, oldest first.
    func why(_ job: JobID, _ node: NodeID) async throws -> NodeTimeline
    /// Ends the waiting and tells the nodes that run the job to end it.
    func cancel(_ job: JobID, by user: String) async throws -> JobReport

    func keys() async throws -> [KeyEntry]
    /// Accepts, rejects or deletes keys and says what was done to each.
    func change(_ change: KeyChange) async throws -> [KeyEntry]
    /// The fingerprint of the controller's own public key.
    func ownFingerprint() async throws -> String

    func nodes(_ target: Target?) async throws -> [NodeSummary]
    func node(_ id: NodeID) async throws -> NodeDetail

    /// Events after a cursor (nil: from now on), live without end when `follows`, whose tag matches a glob.
    func events(_ query: EventQuery) async throws -> AsyncThrowingStream<EventBatch, any Error>
    func status() async throws -> ControllerStatus
}
