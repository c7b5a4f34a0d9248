import NIOCore

/// What the connections of one socket share on one event loop: their set, the counters, and the end of each tick.
///
/// NIO serves all channels that are ready, and then what was given to `execute`. The first connection with something
/// to do in a tick asks for such a call; in it `tickEnded` runs once, and then each connection that was written to
/// is flushed once. So a burst of requests costs one hand-over and one `write` per peer.
///
/// Owner: the event loop.
final class BusLoop {
    let eventLoop: any EventLoop
    var metrics = BusMetrics()
    /// Called once after each tick in which messages came, before replies are flushed.
    var tickEnded: (() -> Void)?
    private(set) var connections: Set<ConnectionHandler> = []
    private var deadlines = DeadlineQueue<ObjectIdentifier>()
    private var sleepers: [ObjectIdentifier: ConnectionHandler] = [:]
    private var alarm: (deadline: NIODeadline, timer: Scheduled<Void>)?
    private(set) var isReadingSuspended = false
    private let maxHeldBytes: Int
    private var unflushed: [ConnectionHandler] = []
    private var flushing: [ConnectionHandler] = []
    private var hadTraffic = false
    private var isScheduled = false
    private var emptied: [EventLoopPromise<Void>] = []

    /// - Parameter maxHeldBytes: What unfinished messages of all connections may take.
    init(eventLoop: any EventLoop, maxHeldBytes: Int = .max) {
        self.eventLoop = eventLoop
        self.maxHeldBytes = maxHeldBytes
    }

    func add(_ connection: ConnectionHandler) {
        metrics.startedConnections += 1
        connections.insert(connection)
    }

    func remove(_ connection: ConnectionHandler) {
        connections.remove(connection)
        deadlines.forget(ObjectIdentifier(connection))
        sleepers[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        alarm?.timer.cancel()
        alarm = nil
        let waiting = emptied
        emptied = []
        for promise in waiting { promise.succeed() }
    }

    /// Calls the connection's `wake()` at this time; an earlier wish of it stays in force.
    func wake(_ connection: ConnectionHandler, at deadline: NIODeadline) {
        sleepers[ObjectIdentifier(connection)] = connection
        deadlines.ask(ObjectIdentifier(connection), at: deadline, now: eventLoop.now)
        setAlarm()
    }

    /// A message came: `tickEnded` is due.
    func noteTraffic() {
        hadTraffic = true
        schedule()
    }

    /// Something was written to a connection: it must be flushed at the end of the tick. The connection asks once.
    func noteUnflushed(_ connection: ConnectionHandler) {
        unflushed.append(connection)
        schedule()
    }

    /// The unfinished messages of a connection take more or less than before: makes room when that is too much.
    func noteHeld(_ change: Int) {
        metrics.heldBytes += change
        guard change > 0, metrics.heldBytes > maxHeldBytes else { return }
        let candidates = connections.filter { $0.held.bytes > 0 }.sorted { left, right in
            if left.isTrusted != right.isTrusted { return right.isTrusted }
            return left.held.since < right.held.since
        }
        // Below the limit by some, or each further read would do this again.
        for connection in candidates where metrics.heldBytes > maxHeldBytes - maxHeldBytes / 8 {
            connection.close(.memoryNeeded(heldBytes: connection.held.bytes))
        }
    }

    /// Stops reading from all connections, the future ones included: the receiver of the messages cannot keep up.
    ///
    /// What a connection gets by a read that it has asked for already is kept, and delivered when reading resumes.
    func suspendReading() {
        isReadingSuspended = true
    }

    func resumeReading() {
        guard isReadingSuspended else { return }
        isReadingSuspended = false
        for connection in connections { connection.readOn() }
    }

    /// Lets all connections send what waits, and closes them; those that need longer than `grace` are cut off.
    ///
    /// The result succeeds when there is none left.
    func drain(within grace: TimeAmount) -> EventLoopFuture<Void> {
        guard !connections.isEmpty else { return eventLoop.makeSucceededVoidFuture() }
        let promise = eventLoop.makePromise(of: Void.self)
        emptied.append(promise)
        for connection in connections { connection.closeWhenSent() }
        let cutOff = eventLoop.assumeIsolated().scheduleTask(in: grace) {
            for connection in self.connections { connection.close(.shutDown) }
        }
        promise.futureResult.whenComplete { _ in cutOff.cancel() }
        return promise.futureResult
    }

    private func setAlarm() {
        guard let next = deadlines.next, alarm.map({ next < $0.deadline }) ?? true else { return }
        alarm?.timer.cancel()
        alarm = (next, eventLoop.assumeIsolated().scheduleTask(deadline: next) { self.alarmWentOff() })
    }

    private func alarmWentOff() {
        alarm = nil
        let now = eventLoop.now
        while let sleeper = deadlines.popDue(at: now) { sleepers.removeValue(forKey: sleeper)?.wake() }
        setAlarm()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        eventLoop.assumeIsolated().execute { self.endTick() }
    }

    private func endTick() {
        isScheduled = false
        if hadTraffic {
            hadTraffic = false
            tickEnded?()
        }
        swap(&unflushed, &flushing)
        for connection in flushing { connection.flush() }
        flushing.removeAll(keepingCapacity: true)
    }
}
