import NIOCore

/// One value for each loop of a group, made beforehand, so that finding it needs no lock.
///
/// A value is touched on its own loop only.
struct LoopStates<State>: Sendable {
    let loops: [any EventLoop]
    private let boxes: [ObjectIdentifier: NIOLoopBoundBox<State>]

    init(_ group: any EventLoopGroup, make: (any EventLoop) -> sending State) {
        var loops: [any EventLoop] = []
        var boxes: [ObjectIdentifier: NIOLoopBoundBox<State>] = [:]
        for loop in group.makeIterator() {
            loops.append(loop)
            boxes[ObjectIdentifier(loop)] = NIOLoopBoundBox.makeBoxSendingValue(make(loop), eventLoop: loop)
        }
        self.loops = loops
        self.boxes = boxes
    }

    /// The state of this loop.
    ///
    /// - Precondition: Called on `loop`, which is one of the group's.
    func callAsFunction(on loop: any EventLoop) -> State {
        guard let box = boxes[ObjectIdentifier(loop)] else { preconditionFailure("the loop is of another group") }
        return box.value
    }

    /// Runs `body` on each loop, without waiting.
    func forEach(_ body: @escaping @Sendable (State) -> Void) {
        for loop in loops { loop.execute { body(self(on: loop)) } }
    }

    /// Runs `body` on one loop, without waiting.
    func onFirst(_ body: @escaping @Sendable (State) -> Void) {
        guard let loop = loops.first else { return }
        loop.execute { body(self(on: loop)) }
    }

    /// Runs `body` on each loop, and collects the results in the order of the loops.
    func map<Result: Sendable>(_ body: @escaping @Sendable (State) -> Result) async -> [Result] {
        var results: [Result] = []
        for loop in loops {
            // Submitting fails only when the group is shut down: then there is nothing to collect.
            if let result = try? await loop.submit({ body(self(on: loop)) }).get() { results.append(result) }
        }
        return results
    }

    /// Runs `body` on all loops at once, and waits for all the futures.
    func waitForAll(_ body: @escaping @Sendable (State) -> EventLoopFuture<Void>) async {
        let futures = loops.map { loop in loop.flatSubmit { body(self(on: loop)) } }
        // A future fails only when the group is shut down: then there is nothing to wait for.
        for future in futures { try? await future.get() }
    }
}

extension EventLoopGroup {
    /// How many loops the group has, at least one.
    var loopCount: Int { max(1, makeIterator().reduce(0) { count, _ in count + 1 }) }
}
