import MusterCore
import NIOCore
import NIOPosix

/// Publishers and subscribers on one event loop, and what they measure: a load that is the same for every broker.
final class StompGenerator: Sendable {
    private static let connectingAtOnce = 100
    private static let warmUp = Duration.seconds(1)

    private struct State {
        let crowd = StompCrowd()
        var lanes: [StompLane] = []
        var publishers: [any Channel] = []
    }

    private let plan: StompPlan
    private let loop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    /// Connects everybody, and returns when all have subscribed.
    init(_ plan: StompPlan) async throws {
        self.plan = plan
        loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
        state = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: loop)
        let state = self.state
        let run = Int.random(in: 0..<1_000_000_000)
        let destinations = (0..<plan.lanes).map { plan.destination(lane: $0, run: run) }
        if plan.pace == .idle {
            try await connect(plan.lanes) { .idle(destination: destinations[$0]) }
            return
        }
        try await loop.submit { state.value.lanes = destinations.map { StompLane(plan, destination: $0) } }.get()
        try await connect(plan.lanes * plan.subscribers) { .subscriber(state.value.lanes[$0 / plan.subscribers]) }
        let publishers = try await connect(plan.lanes) { .publisher(state.value.lanes[$0]) }
        try await loop.submit { state.value.publishers = publishers }.get()
    }

    /// Lets everybody begin, and measures.
    func measure() async throws -> StompOutcome {
        let state = self.state
        let ticking = try await loop.submit { [plan, loop] in
            for (lane, publisher) in zip(state.value.lanes, state.value.publishers) { lane.begin(on: publisher) }
            guard case .perSecond = plan.pace else { return RepeatedTask?.none }
            return loop.scheduleRepeatedTask(initialDelay: .zero, delay: .microseconds(500)) { _ in
                for lane in state.value.lanes { lane.sendDue(at: .now()) }
            }
        }.get()
        let first = try await waitUntil(plan.maxMessages ?? .max, within: StompGenerator.warmUp)
        try await loop.submit { for lane in state.value.lanes { lane.forgetLatencies() } }.get()
        let began = ContinuousClock.now
        let limit = plan.maxMessages.map { first + $0 } ?? .max
        let last = try await waitUntil(limit, within: .seconds(plan.seconds))
        let time = ContinuousClock.now - began
        ticking?.cancel()
        return try await loop.submit { [plan] in
            for lane in state.value.lanes { lane.end() }
            state.value.crowd.isLeaving = true
            var outcome = StompOutcome()
            let latencies = state.value.lanes.flatMap(\.latencies)
            (outcome.messages, outcome.total) = (last - first, last)
            if case .perSecond = plan.pace { (outcome.messages, outcome.total) = (latencies.count, latencies.count) }
            outcome.seconds = time.inSeconds
            outcome.server = state.value.crowd.server
            outcome.take(latencies: latencies)
            return outcome
        }.get()
    }

    /// Waits until so many messages are done, and at most for the time.
    ///
    /// - Returns: how many are done.
    private func waitUntil(_ messages: Int, within time: Duration) async throws -> Int {
        let end = ContinuousClock.now + time
        while true {
            let left = end - ContinuousClock.now
            try await Task.sleep(for: min(left, .milliseconds(10)))
            let done = try await done()
            if left <= .zero || done >= messages { return done }
        }
    }

    private func done() async throws -> Int {
        let state = self.state
        return try await loop.submit {
            if let failure = state.value.crowd.failure { throw BenchFailure(failure) }
            return state.value.lanes.reduce(0) { $0 + $1.done }
        }.get()
    }

    @discardableResult
    private func connect(
        _ count: Int, _ role: @escaping @Sendable (Int) -> StompPeer.Role
    ) async throws -> [any Channel] {
        let (state, plan) = (self.state, self.plan)
        let before = try await loop.submit { state.value.crowd.ready }.get()
        var channels: [any Channel] = []
        while channels.count < count {
            let first = channels.count
            let connecting = (first..<min(count, first + StompGenerator.connectingAtOnce)).map { number in
                ClientBootstrap(group: loop)
                    .channelOption(.socketOption(.tcp_nodelay), value: 1)
                    .channelInitializer { channel in
                        channel.eventLoop.makeCompletedFuture {
                            var readsBodies = false
                            if case .perSecond = plan.pace { readsBodies = true }
                            let peer = StompPeer(role(number), readsBodies: readsBodies, in: state.value.crowd)
                            try channel.pipeline.syncOperations.addHandler(peer)
                        }
                    }
                    .connect(host: "127.0.0.1", port: plan.port)
            }
            channels += try await EventLoopFuture.whenAllSucceed(connecting, on: loop).get()
            let expected = before + channels.count
            try await poll("\(expected) connections are in", within: .seconds(120)) {
                try await loop.submit {
                    if let failure = state.value.crowd.failure { throw BenchFailure(failure) }
                    return state.value.crowd.ready == expected ? true : nil
                }.get()
            }
        }
        return channels
    }
}
