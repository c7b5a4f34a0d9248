import MusterCore
import Testing

@testable import Controller

@Suite struct QuestionBookTests {
    @Test("a question is known for its lifetime")
    func lifetime() {
        let book = QuestionBook(lifetime: .seconds(600))
        #expect(book.job(askedBy: Make.jobID(1)) == nil)
        book.note(Make.jobID(1), about: Make.jobID(100), at: TestClock.start)
        book.note(Make.jobID(2), about: Make.jobID(200), at: TestClock.start + .seconds(599))
        #expect(book.job(askedBy: Make.jobID(1)) == Make.jobID(100))
        #expect(book.job(askedBy: Make.jobID(2)) == Make.jobID(200))
        #expect(book.job(askedBy: Make.jobID(100)) == nil)
        book.note(Make.jobID(3), about: Make.jobID(300), at: TestClock.start + .seconds(600))
        #expect(book.job(askedBy: Make.jobID(1)) == nil)
        #expect(book.job(askedBy: Make.jobID(2)) == Make.jobID(200))
    }
}

@Suite struct JobIDSourceTests {
    @Test("ids increase, also when the clock stands still or goes back, and begin above the newest in the store")
    func increases() {
        let clock = TestClock()
        let newest = JobIDSource(after: nil) { TestClock.start + .seconds(60) }.next()
        let source = JobIDSource(after: newest) { clock.now }
        var last = newest
        for round in 0..<100 {
            if round == 50 { clock.advance(.seconds(-1000)) }
            let next = source.next()
            #expect(next > last)
            last = next
        }
        clock.advance(.seconds(5000))
        #expect(source.next().time == clock.now)
    }

    @Test("no id is given out twice on many threads")
    func concurrency() async {
        let source = JobIDSource(after: nil) { TestClock.start }
        let ids = await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { (0..<200).map { _ in source.next() } } }
            return await group.reduce(into: Set<JobID>()) { $0.formUnion($1) }
        }
        #expect(ids.count == 1600)
    }
}
