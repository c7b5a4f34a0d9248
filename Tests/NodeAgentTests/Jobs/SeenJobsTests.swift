import MusterCore
import MusterTestSupport
import NodeAgent
import Testing

@Suite struct SeenJobsTests {
    private func id(_ number: Int) -> JobID { JobID("20261121065700" + number.digits(6))! }

    @Test func admitsEachJobOnce() {
        var seen = SeenJobs()
        let verdicts = [1, 1, 2, 1].map { seen.admit(id($0)) }
        #expect(verdicts == [true, false, true, false])
    }

    @Test func forgetsTheOldestBeyondItsCapacity() {
        var seen = SeenJobs(capacity: 3)
        let verdicts = (Array(1...10) + [8, 7]).map { seen.admit(id($0)) }
        #expect(verdicts == Array(repeating: true, count: 10) + [false, true])
    }

    @Test func readsAFileAndPassesOverWhatIsTorn() {
        let file = SeenJobs.line(id(1)) + Array("garbage\n".utf8) + SeenJobs.line(id(2)) + Array("2026112106".utf8)
        var seen = SeenJobs(file: file)
        let verdicts = (1...3).map { seen.admit(id($0)) }
        #expect(verdicts == [false, false, true])
    }

    @Test func rewritesTheFileWhenItHasGrown() {
        var seen = SeenJobs(capacity: 2)
        var isDue: [Bool] = []
        for number in 1...9 {
            _ = seen.admit(id(number))
            isDue.append(seen.isRewriteDue)
        }
        #expect(isDue == [false, false, false, false, false, false, false, false, true])
        let file = seen.rewrite()
        #expect(file == SeenJobs.line(id(8)) + SeenJobs.line(id(9)))
        #expect(!seen.isRewriteDue)
    }

    @Test func survivesARestart() async throws {
        let directory = try TestDirectory()
        let path = "\(directory.path)/seen-jobs"
        let before = try SeenJobsFile(path: path, capacity: 2)
        for number in 1...20 { #expect(try await before.admit(id(number))) }
        let after = try SeenJobsFile(path: path, capacity: 2)
        #expect(try await after.admit(id(20)) == false)
        #expect(try await after.admit(id(1)))
        #expect(try Files.read(path).count <= 21 * 9)
    }

    @Test func aTornLastLineDoesNotSwallowTheNext() async throws {
        let directory = try TestDirectory()
        let path = "\(directory.path)/seen-jobs"
        try Files.write(SeenJobs.line(id(1)) + Array("2026112".utf8), to: path)
        #expect(try await SeenJobsFile(path: path).admit(id(2)))
        #expect(try await SeenJobsFile(path: path).admit(id(2)) == false)
        #expect(try await SeenJobsFile(path: path).admit(id(1)) == false)
    }
}
