import Testing

@testable import Controller

@Suite(.timeLimit(.minutes(1))) struct SequenceSignalTests {
    @Test("what has passed already is not waited for")
    func passedAlready() async {
        let signal = SequenceSignal(5)
        await signal.passes(4)
        #expect(signal.value == 5)
    }

    @Test("a smaller number changes nothing")
    func smaller() {
        let signal = SequenceSignal(5)
        signal.advance(to: 3)
        #expect(signal.value == 5)
    }

    @Test("each waiter is woken by a number above its own")
    func wakes() async {
        let signal = SequenceSignal()
        await withTaskGroup(of: Int64.self) { group in
            for number in 0..<100 {
                group.addTask {
                    await signal.passes(Int64(number))
                    return signal.value
                }
            }
            for number in 1...100 {
                signal.advance(to: Int64(number))
                await Task.yield()
            }
            var count = 0
            for await _ in group { count += 1 }
            #expect(count == 100)
        }
    }

    @Test("cancelling ends the waiting, whenever it comes")
    func cancellation() async {
        let signal = SequenceSignal()
        await withTaskGroup { group in
            for number in 0..<500 {
                group.addTask {
                    let waiter = Task { await signal.passes(1_000_000) }
                    if number.isMultiple(of: 3) { await Task.yield() }
                    waiter.cancel()
                    await waiter.value
                }
            }
        }
        signal.advance(to: 1)
        #expect(signal.value == 1)
    }

    @Test("cancelling and advancing at the same time wakes once and always")
    func race() async {
        for round in 0..<300 {
            let signal = SequenceSignal()
            let waiter = Task { await signal.passes(0) }
            if round.isMultiple(of: 2) { await Task.yield() }
            async let advanced: Void = signal.advance(to: 1)
            waiter.cancel()
            await advanced
            await waiter.value
        }
    }
}
