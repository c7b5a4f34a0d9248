import MusterCore
import SaltProtocol
import Testing

@testable import Simulator

@Suite struct NodeJobsTests {
    private func job(_ number: Int, serial: Int64, function: String = "test.ping", arguments: [Value] = []) throws
        -> SharedJob
    {
        SharedJob(
            try PublishLoad([
                "fun": .string(function), "arg": .array(arguments), "tgt": "*", "jid": .string(Self.id(number)),
                "serial": .int(serial),
            ]))
    }

    private static func id(_ number: Int) -> String { "20261121065700" + number.digits(6) }

    @Test func takesEachSerialOnceAndOnlyUpwards() throws {
        var jobs = NodeJobs()
        let verdicts = try [5, 5, 4, 9].map { jobs.isNext(try job(1, serial: $0)) }
        #expect(verdicts == [true, false, false, true])
        jobs.forgetSerial()
        let afterNewKey = jobs.isNext(try job(2, serial: 1))
        #expect(afterNewKey)
    }

    @Test func knowsAJobAgainThatComesUnderAnotherSerial() throws {
        var jobs = NodeJobs()
        let others = 2...(NodeJobs.recentLimit + 1)
        let verdicts = try ([1, 1] + others + [1]).map { jobs.isNew(try job($0, serial: 1)) }
        #expect(verdicts == [true, false] + others.map { _ in true } + [true])
    }

    @Test("an outbox that is full loses the oldest return that is not under way")
    func dropsOldestReturns() throws {
        let template = try job(1, serial: 1).failing()
        var outbox = Outbox()
        let isKept = ([.start] + [Errand](repeating: .answer(template), count: Outbox.limit)).map { outbox.add($0) }
        #expect(isKept == [Bool](repeating: true, count: Outbox.limit) + [false])
        guard case .start = outbox.removeFirst() else {
            Issue.record("the errand under way is gone")
            return
        }
    }
}
