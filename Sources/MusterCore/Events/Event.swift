/// Something that happened, as subscribers see it: Salt's event with its tag.
package struct Event: Sendable, Hashable, Codable {
    /// The place in the controller's one sequence of events; 0 until the store has given one.
    package var sequence: Int64
    /// Parts separated by `/`, as `salt/job/JID/ret/NODE`.
    package var tag: String
    package var time: Timestamp
    package var data: Value

    package init(sequence: Int64 = 0, tag: String, time: Timestamp, data: Value) {
        self.sequence = sequence
        self.tag = tag
        self.time = time
        self.data = data
    }
}
