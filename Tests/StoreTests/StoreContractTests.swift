import MusterCore
import Testing

/// What every engine must do, through the contract only.
@Suite struct StoreContractTests {
    @Test("a job comes back whole with its expected nodes", arguments: StoreEngine.all)
    func keepsJobs(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let job = Make.job(1)
            let result = try await store.commit([.job(job, expected: Make.expecting([2, 1]))])
            #expect(result.results == [.stored(sequence: 0)])
            #expect(
                try await store.job(job.id) == StoredJob(job: job, ended: nil, expectedCount: 2, counts: [.waiting: 2]))
            #expect(try await store.expectations(of: job.id) == Make.expecting([1, 2]))
            #expect(try await store.job(Make.jobID(2)) == nil)
            #expect(try await store.expectations(of: Make.jobID(2)).isEmpty)
        }
    }

    @Test("when a job went out is kept, and that it did not", arguments: StoreEngine.all)
    func keepsWhenAJobWasSent(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let job = Make.job(1)
            try await store.commit([.job(job, expected: []), .jobSent(job.id, at: job.published)])
            #expect(try await store.job(job.id)?.sent == job.published)
            #expect(try await store.jobs(JobQuery()).map(\.sent) == [job.published])
            try await store.commit([.jobSent(job.id, at: nil)])
            #expect(try await store.job(job.id)?.sent == nil)
        }
    }

    @Test("a job id is stored once, and its second submission leaves nothing", arguments: StoreEngine.all)
    func refusesSecondJob(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1]))])
            await #expect(throws: StoreError.jobExists(Make.jobID(1))) {
                try await store.commit([
                    .event(Make.event("before")), .job(Make.job(1), expected: Make.expecting([1, 2])),
                ])
            }
            #expect(try await store.expectations(of: Make.jobID(1)).count == 1)
            #expect(try await store.events(after: 0, limit: 10).isEmpty)
            #expect(await store.health().failure == nil)
        }
    }

    @Test("every outcome comes back as it was", arguments: StoreEngine.all)
    func keepsOutcomes(_ engine: StoreEngine) async throws {
        let t = Make.start
        let outcomes: [Outcome] = [
            .waiting, .running(since: t, lastSeen: t + .seconds(3)), .ok, .failed(code: 2), .timedOut, .cancelled,
            .unreachable(.offline(since: t)), .unreachable(.neverConnected), .unreachable(.noAcceptedKey),
            .refused(reason: "not allowed: 'x'"), .lost(reason: ""),
        ]
        try await engine.withStore { store in
            let expected = outcomes.enumerated().map { Expectation(node: Make.node($0.offset), outcome: $0.element) }
            try await store.commit([.job(Make.job(1), expected: expected)])
            #expect(try await store.expectations(of: Make.jobID(1)) == expected)

            try await store.commit([.job(Make.job(2), expected: Make.expecting(0..<outcomes.count))])
            try await store.commit([.outcomes(Make.jobID(2), expected)])
            #expect(try await store.expectations(of: Make.jobID(2)) == expected)
            let counts = try await store.job(Make.jobID(2))?.counts
            #expect(counts?.values.reduce(0, +) == outcomes.count)
            #expect(counts?[.unreachable] == 3)
        }
    }

    @Test("outcomes of nodes that are not expected are left out", arguments: StoreEngine.all)
    func ignoresUnexpectedOutcomes(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1]))])
            try await store.commit([
                .outcomes(Make.jobID(1), Make.expecting([2], .timedOut)), .outcomes(Make.jobID(9), Make.expecting([1])),
            ])
            #expect(try await store.expectations(of: Make.jobID(1)) == Make.expecting([1]))
        }
    }

    @Test("a return settles its node, the second copy changes nothing", arguments: StoreEngine.all)
    func storesReturnOnce(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1, 2, 3, 4]))])
            let first = Make.nodeReturn(1, 1)
            let results = try await store.commit([
                .nodeReturn(first), .nodeReturn(Make.nodeReturn(1, 1, body: [1], code: 3)),
                .nodeReturn(Make.nodeReturn(1, 2, code: 2)),
                .nodeReturn(Make.nodeReturn(1, 3, code: 0, success: false)),
                .nodeReturn(Make.nodeReturn(1, 9, success: nil)),
            ]).results
            #expect(
                results == [
                    .stored(sequence: 1), .duplicate, .stored(sequence: 2), .stored(sequence: 3), .unasked(sequence: 4),
                ])
            #expect(try await store.commit([.nodeReturn(first)]).results == [.duplicate])
            #expect(
                try await store.expectations(of: Make.jobID(1)).map(\.outcome)
                    == [.ok, .failed(code: 2), .failed(code: 0), .waiting])
            #expect(
                try await store.job(Make.jobID(1))?.counts == [.ok: 1, .failed: 2, .waiting: 1])
            let returns = try await store.returns(of: Make.jobID(1), nodes: nil)
            #expect(returns.map(\.node) == [1, 2, 3, 9].map(Make.node))
            #expect(returns.first == first)
            #expect(returns.last?.isSuccess == nil)
            #expect(try await store.returns(of: Make.jobID(1), nodes: [Make.node(9), Make.node(4)]).count == 1)
            #expect(try await store.returns(of: Make.jobID(1), nodes: []).isEmpty)
            #expect(try await store.returnedNodes(of: Make.jobID(1)) == [1, 2, 3, 9].map(Make.node))
        }
    }

    @Test("a return that must be expected is stored for its job only", arguments: StoreEngine.all)
    func storesOnlyExpected(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1]))])
            let results = try await store.commit([
                .expectedReturn(Make.nodeReturn(1, 2)), .expectedReturn(Make.nodeReturn(2, 1)),
                .expectedReturn(Make.nodeReturn(1, 1)), .expectedReturn(Make.nodeReturn(1, 1)),
            ]).results
            #expect(results == [.refused, .refused, .stored(sequence: 1), .duplicate])
            #expect(try await store.returnedNodes(of: Make.jobID(1)) == [Make.node(1)])
            #expect(try await store.returnedNodes(of: Make.jobID(2)).isEmpty)
            #expect(try await store.expectations(of: Make.jobID(1)) == Make.expecting([1], .ok))
        }
    }

    @Test("a late return moves its node, a late outcome does not move a returned one", arguments: StoreEngine.all)
    func returnWins(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1], .timedOut))])
            try await store.commit([.nodeReturn(Make.nodeReturn(1, 1))])
            #expect(try await store.expectations(of: Make.jobID(1)) == Make.expecting([1], .ok))
            try await store.commit([.outcomes(Make.jobID(1), Make.expecting([1], .timedOut))])
            #expect(try await store.expectations(of: Make.jobID(1)) == Make.expecting([1], .ok))
            try await store.commit([.outcomes(Make.jobID(1), Make.expecting([1], .failed(code: 7)))])
            #expect(try await store.expectations(of: Make.jobID(1)) == Make.expecting([1], .failed(code: 7)))
        }
    }

    @Test("bodies of any size come back, equal ones too", arguments: StoreEngine.all)
    func keepsBodies(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let large = (0..<70_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let bodies: [[UInt8]] = [
                [], [0], Array(repeating: 7, count: 255), Array(repeating: 7, count: 256), large, large,
            ]
            try await store.commit(
                bodies.enumerated().map { .nodeReturn(Make.nodeReturn(1, $0.offset, body: $0.element)) })
            #expect(try await store.returns(of: Make.jobID(1), nodes: nil).map(\.body.bytes) == bodies)
            let second = try await store.commit([.nodeReturn(Make.nodeReturn(1, 4, body: large + [1]))])
            #expect(second.results == [.duplicate])
            let events = try await store.events(after: 0, limit: 100)
            #expect(events.count == bodies.count)
            #expect(events[4] == .nodeReturn(sequence: 5, Make.nodeReturn(1, 4, body: large)))
        }
    }

    @Test("events and returns share one sequence", arguments: StoreEngine.all)
    func numbersEvents(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            #expect(try await store.eventRange() == nil)
            let data: Value = ["list": [1, 1.0, "é\n", nil, true, ["deep": [:]]], "max": .uint(.max)]
            let results = try await store.commit([
                .event(Make.event("salt/auth", data: data)), .nodeReturn(Make.nodeReturn(1, 1)),
                .contact(
                    Make.node(1), NodeContact(time: Make.start, isConnected: true)),
                .event(Make.event("")), .nodeReturn(Make.nodeReturn(1, 1)), .event(Make.event("last", data: nil)),
            ]).results
            #expect(
                results == [
                    .stored(sequence: 1), .unasked(sequence: 2), .stored(sequence: 0), .stored(sequence: 3), .duplicate,
                    .stored(sequence: 4),
                ])
            let events = try await store.events(after: 0, limit: 100)
            #expect(events.map(\.sequence) == [1, 2, 3, 4])
            #expect(events[0] == .event(Event(sequence: 1, tag: "salt/auth", time: Make.start, data: data)))
            #expect(events[1] == .nodeReturn(sequence: 2, Make.nodeReturn(1, 1)))
            #expect(try await store.events(after: 1, limit: 2) == Array(events[1...2]))
            #expect(try await store.events(after: 4, limit: 10).isEmpty)
            #expect(try await store.eventRange() == 1...4)
        }
    }

    @Test("data that is nested too deep fails alone", arguments: StoreEngine.all)
    func refusesDeepData(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let deepest = (0..<128).reduce(Value.null) { value, _ in [value] }
            try await store.commit([.event(Make.event("deep", data: deepest))])
            await #expect(throws: StoreError.nestedTooDeep(what: "the data of event deeper", limit: 128)) {
                try await store.commit([.event(Make.event("deeper", data: [deepest]))])
            }
            #expect(try await store.events(after: 0, limit: 10).count == 1)
        }
    }

    @Test("jobs are listed newest first, by page, state and function", arguments: StoreEngine.all)
    func listsJobs(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            #expect(try await store.newestJob() == nil)
            for number in 1...6 {
                let job = Make.job(number, function: number.isMultiple(of: 2) ? "cmd.run" : "test.ping")
                try await store.commit([.job(job, expected: Make.expecting([1]))])
            }
            try await store.commit([.jobEnded(Make.jobID(5), at: Make.start), .jobEnded(Make.jobID(6), at: Make.start)])
            try await store.commit([.jobEnded(Make.jobID(5), at: nil), .jobEnded(Make.jobID(99), at: Make.start)])
            let table: [(JobQuery, [Int])] = [
                (JobQuery(), [6, 5, 4, 3, 2, 1]), (JobQuery(limit: 2), [6, 5]),
                (JobQuery(limit: 2, before: Make.jobID(5)), [4, 3]), (JobQuery(onlyOpen: true), [5, 4, 3, 2, 1]),
                (JobQuery(function: "cmd.run"), [6, 4, 2]), (JobQuery(onlyOpen: true, function: "cmd.run"), [4, 2]),
                (JobQuery(function: "cmd"), []), (JobQuery(limit: 0), []), (JobQuery(limit: .max), [6, 5, 4, 3, 2, 1]),
            ]
            for (query, expected) in table {
                #expect(try await store.jobs(query).map(\.job.id) == expected.map(Make.jobID), "\(query)")
            }
            #expect(try await store.job(Make.jobID(6))?.ended == Make.start)
            #expect(try await store.newestJob() == Make.jobID(6))
            // Of an id that is no job's own the newest counts, and an older one does not take its place.
            try await store.commit([.idGiven(Make.jobID(8)), .idGiven(Make.jobID(7))])
            #expect(try await store.newestJob() == Make.jobID(8))
            #expect(try await store.jobs(JobQuery()).count == 6)
        }
    }

    @Test("notes are kept per job and node in the order of their times", arguments: StoreEngine.all)
    func keepsNotes(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting([1, 2]))])
            let notes = [2, 1, 2].map { TimelineNote(time: Make.start + .seconds($0), text: "note \($0)") }
            try await store.commit(
                notes.map { .note(Make.jobID(1), Make.node(1), $0) } + [.note(Make.jobID(7), Make.node(1), notes[0])])
            #expect(try await store.notes(of: Make.jobID(1), node: Make.node(1)) == [notes[1], notes[0], notes[2]])
            #expect(try await store.notes(of: Make.jobID(1), node: Make.node(2)).isEmpty)
            #expect(try await store.notes(of: Make.jobID(7), node: Make.node(1)).isEmpty)
        }
    }

    @Test("nodes have the newest contact and facts until they are forgotten", arguments: StoreEngine.all)
    func keepsNodes(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let facts = NodeReturn.Body(.json, Array(#"{"os":"Debian"}"#.utf8))
            try await store.commit([
                .contact(Make.node(2), NodeContact(time: Make.start, isConnected: true, address: "192.0.2.1:4711")),
                .facts(Make.node(1), .init(.messagePack, [0x80]), at: Make.start),
            ])
            try await store.commit([
                .contact(Make.node(2), NodeContact(time: Make.start + .seconds(1), isConnected: false)),
                .facts(Make.node(1), facts, at: Make.start + .seconds(2)),
            ])
            let one = StoredNode(id: Make.node(1), contact: nil, facts: facts, factsTime: Make.start + .seconds(2))
            let two = StoredNode(
                id: Make.node(2),
                contact: NodeContact(time: Make.start + .seconds(1), isConnected: false, address: "192.0.2.1:4711"),
                facts: nil, factsTime: nil)
            #expect(try await store.contacts() == [two.id: try #require(two.contact)])
            #expect(try await store.facts(after: nil, limit: 10) == [StoredFacts(node: one.id, body: facts)])
            #expect(try await store.node(Make.node(1)) == one)
            #expect(try await store.node(Make.node(2)) == two)
            #expect(try await store.node(Make.node(3)) == nil)
            try await store.commit([.nodeReturn(Make.nodeReturn(1, 2)), .forget(Make.node(2)), .forget(Make.node(3))])
            #expect(try await store.contacts().isEmpty)
            #expect(try await store.returns(of: Make.jobID(1), nodes: nil).count == 1)
        }
    }

    @Test("facts are read in pages, in the order of ids", arguments: StoreEngine.all)
    func pagesFacts(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            let body = NodeReturn.Body(.messagePack, [0x80])
            let nodes = (1...450).map { Make.node($0) }.sorted()
            try await store.commit(nodes.shuffled().map { .facts($0, body, at: Make.start) })
            #expect(try await store.facts(after: nodes[2], limit: 2).map(\.node) == [nodes[3], nodes[4]])
            var seen: [NodeID] = []
            try await store.eachFacts { seen.append($0.node) }
            #expect(seen == nodes)
        }
    }

    @Test("everything is there after a restart and numbers go on", arguments: StoreEngine.all)
    func survivesRestart(_ engine: StoreEngine) async throws {
        let site = try engine.makeSite()
        var store = try site.open()
        try await store.commit([.job(Make.job(1), expected: Make.expecting([1])), .nodeReturn(Make.nodeReturn(1, 1))])
        try await store.commit([.event(Make.event("one"))])
        try await store.close()

        store = try site.open()
        #expect(try await store.job(Make.jobID(1))?.counts == [.ok: 1])
        #expect(try await store.newestJob() == Make.jobID(1))
        #expect(try await store.commit([.event(Make.event("two"))]).results == [.stored(sequence: 3)])
        // Pruning everything must not let a number or a job id come back.
        try await store.commit([.jobEnded(Make.jobID(1), at: Make.start)])
        #expect(try await store.prune(Retention(age: .zero), now: Make.start + .seconds(1)) == 1)
        #expect(try await store.eventRange() == nil)
        try await store.close()

        store = try site.open()
        #expect(try await store.newestJob() == Make.jobID(1))
        #expect(try await store.commit([.event(Make.event("three"))]).results == [.stored(sequence: 4)])
        try await store.close()
    }

    @Test("closing commits what was submitted and refuses the rest", arguments: StoreEngine.all)
    func closesAfterDraining(_ engine: StoreEngine) async throws {
        let site = try engine.makeSite()
        let store = try site.open()
        let completed = Shared<[Int64]>([])
        for number in 0..<500 {
            store.submit([.event(Make.event("event/\(number)"))]) { result in
                guard case .stored(let sequence) = try? result.get().results.first else { return }
                completed.change { $0.append(sequence) }
            }
        }
        try await store.close()
        #expect(completed.value == Array(1...500))
        await #expect(throws: StoreError.closed) { try await store.commit([.event(Make.event("late"))]) }
        await #expect(throws: StoreError.closed) { try await store.jobs(JobQuery()) }
        try await store.close()

        let again = try site.open()
        #expect(try await again.events(after: 0, limit: 1000).count == 500)
        try await again.close()
    }

    @Test("a submission that cannot be stored fails alone among many", arguments: StoreEngine.all)
    func isolatesBadSubmissions(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: [])])
            let results = Shared<[Int: Bool]>([:])
            for number in 0..<200 {
                let bad = number.isMultiple(of: 50)
                store.submit([.event(Make.event("e")), bad ? .job(Make.job(1), expected: []) : .event(Make.event("f"))])
                {
                    result in
                    let isStored = (try? result.get()) != nil
                    results.change { $0[number] = isStored }
                }
            }
            try await store.commit([.event(Make.event("end"))])
            #expect(results.value.filter { !$0.value }.keys.sorted() == [0, 50, 100, 150])
            // Numbers of what failed are given again: there are no holes.
            #expect(try await store.events(after: 0, limit: 1000).map(\.sequence) == Array(1...393))
        }
    }

    @Test("pruning by age takes ended jobs, events and stray returns, and nothing else", arguments: StoreEngine.all)
    func prunesByAge(_ engine: StoreEngine) async throws {
        let shared = [UInt8](repeating: 1, count: 5000)
        try await engine.withStore { store in
            for number in 1...3 {
                try await store.commit([
                    .job(Make.job(number), expected: Make.expecting(1...3)),
                    .nodeReturn(Make.nodeReturn(number, 1, body: shared)), .nodeReturn(Make.nodeReturn(number, 2)),
                    .note(Make.jobID(number), Make.node(1), TimelineNote(time: Make.start, text: "seen")),
                    .event(Make.event("old/\(number)")),
                ])
            }
            try await store.commit([
                .nodeReturn(Make.nodeReturn(50, 1)),
                .nodeReturn(Make.nodeReturn(51, 1, received: Make.start + .seconds(100))),
                .event(Make.event("new", time: Make.start + .seconds(100))),
                .jobEnded(Make.jobID(1), at: Make.start + .seconds(1)),
                .jobEnded(Make.jobID(2), at: Make.start + .seconds(90)),
            ])
            let retention = Retention(age: .seconds(60))
            #expect(try await store.prune(retention, now: Make.start + .seconds(110)) == 1)
            #expect(try await store.jobs(JobQuery()).map(\.job.id) == [3, 2].map(Make.jobID))
            #expect(try await store.returns(of: Make.jobID(1), nodes: nil).isEmpty)
            #expect(try await store.expectations(of: Make.jobID(1)).isEmpty)
            #expect(try await store.notes(of: Make.jobID(1), node: Make.node(1)).isEmpty)
            // A body that was shared with a pruned return is still whole.
            #expect(try await store.returns(of: Make.jobID(2), nodes: nil).map(\.body.bytes) == [shared, [0xc3]])
            #expect(try await store.returns(of: Make.jobID(50), nodes: nil).isEmpty)
            #expect(try await store.returns(of: Make.jobID(51), nodes: nil).count == 1)
            let tags = try await store.events(after: 0, limit: 100).compactMap { stored -> String? in
                guard case .event(let event) = stored else { return nil }
                return event.tag
            }
            #expect(tags == ["new"])
            #expect(try await store.prune(retention, now: Make.start + .seconds(110)) == 0)
        }
    }

    @Test("pruning by bytes takes the oldest until the rest fits", arguments: StoreEngine.all)
    func prunesByBytes(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            for number in 1...40 {
                let time = Make.start + .seconds(number)
                try await store.commit(
                    [.job(Make.job(number, published: time), expected: Make.expecting(0..<20))]
                        + (0..<20).map { node in
                            .nodeReturn(
                                Make.nodeReturn(
                                    number, node,
                                    body: [UInt8(number), UInt8(node)] + [UInt8](repeating: 7, count: 4000),
                                    received: time))
                        } + [.event(Make.event("job/\(number)", time: time)), .jobEnded(Make.jobID(number), at: time)])
            }
            let before = await store.health().sizeBytes
            let limit = before / 2
            let pruned = try await store.prune(Retention(age: .seconds(1_000_000), bytes: limit), now: Make.start)
            let after = await store.health().sizeBytes
            #expect(after <= limit)
            #expect(after > limit / 2)
            #expect((10...30).contains(pruned))
            let left = try await store.jobs(JobQuery()).map(\.job.id)
            #expect(left.count == 40 - pruned)
            #expect(left.first == Make.jobID(40))
            #expect(try await store.returns(of: Make.jobID(40), nodes: nil).count == 20)
            #expect(
                try await store.prune(Retention(age: .zero, bytes: 0), now: Make.start + .seconds(100)) == 40 - pruned)
            #expect(try await store.eventRange() == nil)
        }
    }

    @Test("readers see whole commits while a writer is busy", arguments: StoreEngine.all)
    func readsWhileWriting(_ engine: StoreEngine) async throws {
        try await engine.withStore { store in
            try await store.commit([.job(Make.job(1), expected: Make.expecting(0..<400))])
            let done = Shared(false)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    defer { done.change { $0 = true } }
                    // Each submission is a pair: no reader may see one half.
                    for pair in 0..<200 {
                        try await store.commit([
                            .nodeReturn(Make.nodeReturn(1, pair * 2)), .nodeReturn(Make.nodeReturn(1, pair * 2 + 1)),
                        ])
                    }
                }
                for _ in 0..<3 {
                    group.addTask {
                        var last: Int64 = 0
                        while !done.value {
                            let counts = try await store.job(Make.jobID(1))?.counts ?? [:]
                            #expect(counts.values.reduce(0, +) == 400)
                            #expect(counts[.ok, default: 0].isMultiple(of: 2))
                            let events = try await store.events(after: last, limit: 50)
                            #expect(events.map(\.sequence) == Array(last + 1..<last + 1 + Int64(events.count)))
                            last += Int64(events.count)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.job(Make.jobID(1))?.counts == [.ok: 400])
        }
    }

    @Test("the sums match after 100000 returns from several threads", arguments: StoreEngine.all)
    func countsManyReturns(_ engine: StoreEngine) async throws {
        let nodes = 1000
        let jobs = 100
        try await engine.withStore { store in
            for job in 0..<jobs { try await store.commit([.job(Make.job(job), expected: Make.expecting(0..<nodes))]) }
            let completed = Shared((stored: 0, duplicates: 0, failed: 0))
            await withTaskGroup(of: Void.self) { group in
                for worker in 0..<4 {
                    group.addTask {
                        for job in stride(from: worker, to: jobs, by: 4) {
                            for first in stride(from: 0, to: nodes, by: 100) {
                                // The last one twice.
                                let writes = ((first..<first + 100).map { $0 } + [first + 99]).map {
                                    StoreWrite.nodeReturn(Make.nodeReturn(job, $0, code: $0.isMultiple(of: 10) ? 1 : 0))
                                }
                                let results = try? await store.commit(writes).results
                                completed.change { count in
                                    for result in results ?? [] {
                                        if result == .duplicate { count.duplicates += 1 } else { count.stored += 1 }
                                    }
                                    if results == nil { count.failed += 1 }
                                }
                            }
                        }
                    }
                }
            }
            #expect(completed.value == (stored: 100_000, duplicates: 1000, failed: 0))
            for stored in try await store.jobs(JobQuery(limit: jobs)) {
                #expect(stored.counts == [.ok: 900, .failed: 100])
            }
            #expect(try await store.eventRange() == 1...100_000)
            #expect(await store.health().pendingWrites == 0)
        }
    }
}
