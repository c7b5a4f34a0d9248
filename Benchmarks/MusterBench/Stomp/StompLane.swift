import NIOCore
import STOMP

/// A publisher with its destination and its subscribers, and how far its messages have come.
///
/// Owner: the load generator's loop.
final class StompLane {
    let destination: String
    /// How long messages took that were sent at a fixed pace, in nanoseconds.
    private(set) var latencies: [Int] = []
    private let plan: StompPlan
    private let window: Int
    /// As many copies of the message as may be under way, ready to be written.
    private let messages: ByteBuffer
    private let messageBytes: Int
    private var publisher: (any Channel)?
    private var sent = 0
    private var confirmed = 0
    private var delivered = 0
    private var isSending = false
    private var began = NIODeadline.uptimeNanoseconds(0)

    init(_ plan: StompPlan, destination: String) {
        self.plan = plan
        self.destination = destination
        if case .window(let messages) = plan.pace { window = messages } else { window = 1 }
        let message = plan.message(to: destination).encoded(for: .v1_2)
        messageBytes = message.readableBytes
        var messages = ByteBuffer()
        for _ in 0..<window { messages.writeImmutableBuffer(message) }
        self.messages = messages
    }

    /// Messages that have arrived everywhere, and are confirmed where that is asked for.
    var done: Int {
        min(plan.isPersistent ? confirmed : sent, plan.subscribers > 0 ? delivered / plan.subscribers : sent)
    }

    func begin(on publisher: any Channel) {
        self.publisher = publisher
        isSending = true
        began = .now()
        topUp()
    }

    /// Sends no more.
    func end() { isSending = false }

    func confirmed(_ messages: Int) {
        confirmed += messages
        topUp()
    }

    func delivered(_ messages: Int) {
        delivered += messages
        topUp()
    }

    /// A message came that says when it was sent.
    func delivered(_ body: ByteBuffer, at now: NIODeadline) {
        delivered += 1
        let digits = String(buffer: body).prefix { $0 != "m" }
        if let sent = UInt64(digits), isSending { latencies.append(Int(now.uptimeNanoseconds - sent)) }
    }

    /// At a fixed pace: sends what is due and has not been sent, each message with the time.
    func sendDue(at now: NIODeadline) {
        guard isSending, case .perSecond(let rate) = plan.pace else { return }
        let due = Int((now - began).nanoseconds) * rate / 1_000_000_000
        while sent < due {
            sent += 1
            let message = plan.message(to: destination, beginning: "\(NIODeadline.now().uptimeNanoseconds)")
            publisher?.writeAndFlush(message.encoded(for: .v1_2), promise: nil)
        }
    }

    /// Forgets what was measured so far.
    func forgetLatencies() { latencies = [] }

    /// Sends what may be under way and is not, in one write, once that is a quarter.
    private func topUp() {
        guard isSending, case .window = plan.pace else { return }
        let count = window - (sent - done)
        guard count > 0, count >= window / 4 else { return }
        sent += count
        guard let bytes = messages.getSlice(at: messages.readerIndex, length: count * messageBytes) else { return }
        publisher?.writeAndFlush(bytes, promise: nil)
    }
}
