import MCollectiveProtocol

/// Takes in the replies to one request until all have come, the time is over, or somebody ends it.
struct Collecting: Sendable {
    /// What came.
    struct Harvest: Sendable {
        /// In the order of arrival, one of each sender.
        var answers: [CollectiveAnswer] = []
        /// Expected nodes that are silent, sorted.
        var silent: [String] = []
        /// Whether it ended because of Ctrl-C.
        var isCut = false
        /// Whether the longest time there is was waited: everybody who could answer was heard.
        var isWhole = false
    }

    /// When it ends.
    enum End: Sendable {
        /// When all of these have answered, and after this time.
        case expected([String], Duration)
        /// When the window closes, or after so many.
        case window(DiscoveryWindow, limit: Int? = nil)
    }

    let context: CommandContext
    /// When the request went out.
    let start: ContinuousClock.Instant
    let end: End

    /// - Parameter each: Called for every reply that counts, with the number of those so far.
    func run(
        _ conversation: any CollectiveConversation,
        each: @escaping @Sendable (CollectiveAnswer, Int) throws -> Void = { _, _ in }
    ) async throws -> Harvest {
        let (harvest, isCut) = try await Interruption.guarding(context) { try await collect(conversation, each) }
        await conversation.end()
        var result = harvest
        result.isCut = isCut
        return result
    }

    private func collect(
        _ conversation: any CollectiveConversation, _ each: @Sendable (CollectiveAnswer, Int) throws -> Void
    ) async throws -> Harvest {
        var harvest = Harvest()
        var tally = ReplyTally(expected: expected)
        var window = window
        while !isOver(tally) {
            let next: [CollectiveAnswer]?
            do {
                next = try await conversation.next(until: start + window.end)
            } catch is CancellationError {
                break
            }
            guard let next else {
                harvest.isWhole = window.end == window.limit
                break
            }
            for answer in next where !isOver(tally) && tally.received(from: answer.reply.senderID) != .repeated {
                harvest.answers.append(answer)
                window.received(from: answer.reply.senderID, at: start.duration(to: answer.receivedAt))
                try each(answer, harvest.answers.count)
            }
        }
        harvest.silent = tally.missing
        return harvest
    }

    private var expected: [String] {
        switch end {
        case .expected(let nodes, _): nodes
        case .window: []
        }
    }

    private var window: DiscoveryWindow {
        switch end {
        case .expected(_, let time): DiscoveryWindow(limit: time)
        case .window(let window, _): window
        }
    }

    private func isOver(_ tally: ReplyTally) -> Bool {
        switch end {
        case .expected: tally.isComplete
        case .window(_, let limit): limit.map { tally.count >= $0 } ?? false
        }
    }
}
