import NIOCore
import STOMP

/// What the STOMP load generator does, as the words of `muster-bench stomp` say it.
struct StompPlan: Sendable, Hashable {
    /// What a destination is, and what its name begins with.
    enum Destination: String, Sendable, CaseIterable {
        case queue, topic
    }

    /// When the next message is sent.
    enum Pace: Sendable, Hashable {
        /// As soon as one that is under way has arrived, or is confirmed: as many a lane.
        case window(Int)
        /// So many a second, whatever becomes of them.
        case perSecond(Int)
        /// Never: connections that do nothing.
        case idle
    }

    static let login = "mcollective"
    static let passcode = "marionette"
    static let virtualHost = "/mcollective"
    /// The body of each message.
    static let bodyBytes = 1024

    var port: Int
    var destination = Destination.queue
    /// How many times there is a publisher with a destination and subscribers of its own.
    var lanes = 1
    /// Of each lane.
    var subscribers = 1
    /// Whether messages are to be kept on disk, and each is confirmed when it is.
    var isPersistent = false
    var pace = Pace.window(1000)
    /// How long is measured, after a second that is not.
    var seconds = 3
    /// The end comes earlier when so many messages have been measured, after as many that were not: what nobody takes must
    /// fit into a queue.
    var maxMessages: Int?

    /// For `muster-bench`.
    var arguments: [String] {
        var words = ["stomp", "--port", "\(port)", "--destination", destination.rawValue, "--lanes", "\(lanes)"]
        words += ["--subscribers", "\(subscribers)", "--seconds", "\(seconds)"]
        if isPersistent { words.append("--persistent") }
        if let maxMessages { words += ["--max-messages", "\(maxMessages)"] }
        switch pace {
        case .window(let messages): words += ["--window", "\(messages)"]
        case .perSecond(let messages): words += ["--rate", "\(messages)"]
        case .idle: words.append("--idle")
        }
        return words
    }

    /// Where a lane sends to.
    ///
    /// - Parameter run: what this run's destinations have in their names; a queue may hold something of an earlier one.
    func destination(lane: Int, run: Int) -> String { "/\(destination.rawValue)/bench.\(run).\(lane)" }

    /// A message of a lane.
    ///
    /// - Parameter beginning: of the body, which is filled up to its size.
    func message(to destination: String, beginning: String = "") -> Frame {
        var headers = Headers(["destination": destination])
        if isPersistent {
            headers.append("persistent", "true")
            // Always the same: all that counts is how many come back.
            headers.append("receipt", "r")
        }
        let filling = String(repeating: "m", count: StompPlan.bodyBytes - beginning.utf8.count)
        return Frame(.send, headers: headers, body: .init(string: beginning + filling))
    }
}
