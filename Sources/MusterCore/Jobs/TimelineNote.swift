/// Something noted between a job and a node: a probe, an answer to it, a changed outcome.
package struct TimelineNote: Sendable, Hashable, Codable {
    package var time: Timestamp
    /// One sentence in lower case, as `asked whether the job runs`.
    package var text: String
    package init(time: Timestamp, text: String) {
        self.time = time
        self.text = text
    }
}
