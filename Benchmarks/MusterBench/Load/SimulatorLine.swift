import MusterCore

/// A line of `muster simulate --json`, as far as it is used here.
struct SimulatorLine: Sendable, Hashable {
    var event: String
    var nodes: Int?
    /// Since the simulator began.
    var seconds: Double?

    /// - Returns: nil when the line is no such line, as those of the log.
    init?(_ line: String) {
        guard line.hasPrefix("{"), let value = try? JSON.value(line), let event = value["event"]?.string else {
            return nil
        }
        self.event = event
        nodes = value["nodes"]?.int.map { Int($0) }
        seconds = value["seconds"]?.double
    }
}
