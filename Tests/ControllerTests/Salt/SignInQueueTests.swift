import Testing

@testable import Controller

/// In which order sign-ins are served, and which are not.
@Suite struct SignInQueueTests {
    private typealias Queue = SignInQueue<Int, String>

    private func drain(_ queue: inout Queue) -> [String] {
        var served: [String] = []
        while let entry = queue.next() { served.append(entry.request) }
        return served
    }

    @Test func oneHostIsServedInOrderAndHostsByTurns() {
        var queue = Queue(maxBytes: 1000)
        for number in 1...4 { #expect(queue.add("a\(number)", from: number, host: "a", bytes: 1) == true) }
        #expect(queue.add("b1", from: 11, host: "b", bytes: 1) == true)
        #expect(queue.add("b2", from: 12, host: "b", bytes: 1) == true)
        #expect(queue.add("c1", from: 21, host: "c", bytes: 1) == true)
        #expect(queue.count == 7)
        #expect(drain(&queue) == ["a1", "b1", "c1", "a2", "b2", "a3", "a4"])
        #expect(queue.count == 0)
        let none = queue.next()
        #expect(none == nil)
    }

    @Test func aHostThatComesBackGoesBehindTheOthers() {
        var queue = Queue(maxBytes: 1000)
        for (number, host) in ["a", "a", "b"].enumerated() {
            #expect(queue.add("\(host)\(number)", from: number, host: host, bytes: 1) == true)
        }
        let first = queue.next()
        #expect(first?.request == "a0")
        #expect(queue.add("c3", from: 3, host: "c", bytes: 1) == true)
        #expect(drain(&queue) == ["b2", "a1", "c3"])
    }

    @Test func whoHasGoneIsNotServedAndCostsNobodyATurn() {
        var queue = Queue(maxBytes: 1000)
        for number in 0..<500 { #expect(queue.add("a\(number)", from: number, host: "a", bytes: 1) == true) }
        #expect(queue.add("b", from: 1000, host: "b", bytes: 1) == true)
        for number in 0..<499 { queue.remove(number) }
        queue.remove(5000)
        #expect(queue.count == 2)
        #expect(drain(&queue) == ["a499", "b"])
    }

    @Test func aConnectionWithManyRequestsHasThemAllAnsweredAndHasAShareOnly() {
        var queue = Queue(maxBytes: 1000)
        for number in 0..<Queue.maxPerConnection {
            #expect(queue.add("\(number)", from: 1, host: "a", bytes: 1) == true)
        }
        #expect(queue.add("too many", from: 1, host: "a", bytes: 1) == false)
        #expect(queue.add("other", from: 2, host: "a", bytes: 1) == true)
        let first = queue.next()
        #expect(first?.request == "0")
        #expect(queue.add("late", from: 1, host: "a", bytes: 1) == true)
        #expect(drain(&queue) == (1..<Queue.maxPerConnection).map { "\($0)" } + ["other", "late"])
        // Gone with all that it asked.
        for number in 0..<3 { #expect(queue.add("\(number)", from: 1, host: "a", bytes: 300) == true) }
        queue.remove(1)
        #expect(queue.count == 0)
        #expect(queue.add("next", from: 2, host: "a", bytes: 1000) == true)
    }

    @Test func bytesBoundItAndAreGivenBack() {
        var queue = Queue(maxBytes: 100)
        #expect(queue.add("1", from: 1, host: "a", bytes: 60) == true)
        #expect(queue.add("2", from: 2, host: "a", bytes: 60) == false)
        #expect(queue.add("2", from: 2, host: "a", bytes: 40) == true)
        #expect(queue.add("3", from: 3, host: "a", bytes: 1) == false)
        queue.remove(2)
        #expect(queue.add("3", from: 3, host: "a", bytes: 40) == true)
        #expect(drain(&queue) == ["1", "3"])
        #expect(queue.add("4", from: 4, host: "a", bytes: 100) == true)
    }
}
