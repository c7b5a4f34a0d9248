/// One step of a job as its followers see it.
package enum JobUpdate: Sendable, Hashable {
    /// Always first: the job, its expected nodes and their outcomes so far.
    case begun(JobReport)
    /// An answer that is stored.
    case answered(NodeAnswer, Outcome)
    /// A node without an answer moved to another outcome.
    case changed(Expectation)
    /// Always last: the waiting is over.
    case ended(JobReport)
}
