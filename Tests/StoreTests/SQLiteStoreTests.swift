import Foundation
import GRDB
import MusterCore
import MusterTestSupport
import Testing

@testable import Store

/// What is SQLite's own: files, modes, full disks, locks, damage.
@Suite struct SQLiteStoreTests {
    @Test func makesPrivateFilesInAPrivateDirectory() async throws {
        try await withSite { directory in
            let store = try SQLiteStore(SQLiteConfiguration(path: directory.file("state/deep/muster.db")))
            try await store.commit([.event(Make.event("one"))])
            func mode(_ name: String) throws -> Int? {
                try FileManager.default.attributesOfItem(atPath: directory.file(name))[.posixPermissions] as? Int
            }
            #expect(try mode("state/deep") == 0o700)
            for suffix in ["", "-wal", "-shm", ".lock"] {
                #expect(try mode("state/deep/muster.db" + suffix) == 0o600, "\(suffix)")
            }
            try await store.close()
        }
    }

    @Test func closesAnOpenFileToOthers() async throws {
        try await withSite { directory in
            #expect(
                FileManager.default.createFile(
                    atPath: directory.file("muster.db"), contents: nil, attributes: [.posixPermissions: 0o644]))
            let store = try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db")))
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.file("muster.db"))
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            try await store.close()
        }
    }

    @Test func refusesASecondProcess() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"))
            let store = try SQLiteStore(configuration)
            #expect(throws: StoreError.inUse(place: configuration.path)) { try SQLiteStore(configuration) }
            try await store.commit([.event(Make.event("still works"))])
            try await store.close()
            try await SQLiteStore(configuration).close()
        }
    }

    @Test func namesADirectoryThatCannotBeMade() async throws {
        try await withSite { directory in
            #expect(FileManager.default.createFile(atPath: directory.file("file"), contents: nil))
            let error = #expect(throws: StoreError.self) {
                try SQLiteStore(SQLiteConfiguration(path: directory.file("file/muster.db")))
            }
            guard case .cannotOpen(directory.file("file/muster.db"), _) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("what was acknowledged is in the files, whatever becomes of the process")
    func survivesAKill() async throws {
        try await withSite { directory in
            let store = try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db")))
            try await store.commit([.job(Make.job(1), expected: Make.expecting(0..<300))])
            for node in 0..<300 { try await store.commit([.nodeReturn(Make.nodeReturn(1, node))]) }
            // The files as a killed process leaves them: nothing closed, nothing moved out of the WAL.
            try FileManager.default.createDirectory(
                atPath: directory.file("killed"), withIntermediateDirectories: false)
            for suffix in ["", "-wal"] {
                try FileManager.default.copyItem(
                    atPath: directory.file("muster.db" + suffix), toPath: directory.file("killed/muster.db" + suffix))
            }
            let again = try SQLiteStore(SQLiteConfiguration(path: directory.file("killed/muster.db")))
            #expect(try await again.job(Make.jobID(1))?.counts == [.ok: 300])
            #expect(try await again.commit([.event(Make.event("next"))]).results == [.stored(sequence: 301)])
            try await again.close()
            try await store.close()
        }
    }

    @Test("a full store fails typed, keeps nothing of the submission, and recovers after a prune")
    func survivesAFullDisk() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"), maximumBytes: 1 << 20)
            let store = try SQLiteStore(configuration, now: { Make.start })
            try await store.commit([.job(Make.job(1), expected: Make.expecting(0..<10))])
            var stored = 0
            var failure: (any Error)?
            for node in 0..<1000 where failure == nil {
                do {
                    let body = (0..<4000).map { UInt8(truncatingIfNeeded: $0 ^ node) }
                    try await store.commit([
                        .event(Make.event("with/\(node)")), .nodeReturn(Make.nodeReturn(1, node, body: body)),
                    ])
                    stored += 1
                } catch {
                    failure = error
                }
            }
            #expect(failure as? StoreError == .full(place: configuration.path))
            #expect(stored > 50)
            // Neither half of the failed submission is there; what was acknowledged is.
            #expect(try await store.events(after: 0, limit: 10_000).count == stored * 2)
            #expect(try await store.returns(of: Make.jobID(1), nodes: nil).count == stored)
            await #expect(throws: StoreError.full(place: configuration.path)) {
                try await store.commit([
                    .facts(Make.node(1), .init(.json, Array(repeating: 32, count: 500_000)), at: Make.start)
                ])
            }
            try await store.commit([.jobEnded(Make.jobID(1), at: Make.start)])
            #expect(try await store.prune(Retention(age: .seconds(1)), now: Make.start + .seconds(10)) == 1)
            #expect(await store.health().failure == nil)
            let next = try await store.commit([.event(Make.event("again"))]).results
            #expect(next == [.stored(sequence: Int64(stored * 2 + 1))])
            try await store.close()
        }
    }

    @Test("a locked database fails typed, shows in health, and works again when the lock goes")
    func survivesALock() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"), lockTimeout: .milliseconds(1))
            let turns = Shared<[StoreTurn]>([])
            let store = try SQLiteStore(configuration, now: { Make.start }) { turn in turns.change { $0.append(turn) } }
            var holding = Configuration()
            holding.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: configuration.path, configuration: holding)
            try await other.writeWithoutTransaction { db in try db.beginTransaction(.immediate) }
            let locked = StoreError.locked(place: configuration.path, waited: .milliseconds(1))
            await #expect(throws: locked) { try await store.commit([.event(Make.event("one"))]) }
            let sick = await store.health()
            #expect(sick.failure == "\(locked)")
            #expect(sick.failingSince == Make.start)
            #expect(try await store.events(after: 0, limit: 10).isEmpty)
            try await other.writeWithoutTransaction { db in try db.rollback() }
            #expect(await store.health().failure == nil)
            #expect(try await store.commit([.event(Make.event("two"))]).results == [.stored(sequence: 1)])
            // However many noticed it, it is told once, and its end once.
            #expect(turns.value == [.stopped(locked), .resumed])
            try await store.close()
            try other.close()
        }
    }

    @Test func refusesWritesAtTheBoundOfTheQueue() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"), queuedWrites: 10)
            let store = try SQLiteStore(configuration)
            // The writer stands in the first completion until the test has filled the queue.
            let (blocked, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            store.submit([.event(Make.event("first"))]) { _ in
                blocked.signal()
                gate.wait()
            }
            blocked.wait()
            let errors = Shared<[StoreError]>([])
            for number in 0..<10 {
                store.submit([.event(Make.event("event/\(number)"))]) { result in
                    guard case .failure(let error as StoreError) = result else { return }
                    errors.change { $0.append(error) }
                }
            }
            #expect(errors.value == [.overloaded(pendingWrites: 10)])
            gate.signal()
            try await store.close()

            let again = try SQLiteStore(configuration)
            #expect(try await again.commit([.event(Make.event("later"))]).results == [.stored(sequence: 11)])
            try await again.close()
        }
    }

    @Test("a damaged or foreign file is refused and left as it is", arguments: [0, 1, 2])
    func refusesDamage(_ kind: Int) async throws {
        try await withSite { directory in
            let path = directory.file("muster.db")
            switch kind {
            case 0:
                try Data("this is no database, but long enough to look like one".utf8).write(to: URL(filePath: path))
            case 1:
                let store = try SQLiteStore(SQLiteConfiguration(path: path))
                try await store.commit((0..<200).map { .event(Make.event("event/\($0)")) })
                try await store.close()
                var data = try Data(contentsOf: URL(filePath: path))
                for index in 100..<min(data.count, 9000) { data[index] = 0xee }
                try data.write(to: URL(filePath: path))
            default:
                let other = try DatabaseQueue(path: path)
                try await other.write { try $0.execute(sql: "CREATE TABLE addresses (name TEXT)") }
                try other.close()
            }
            let before = try Data(contentsOf: URL(filePath: path))
            let error = #expect(throws: StoreError.self) { try SQLiteStore(SQLiteConfiguration(path: path)) }
            switch (kind, error) {
            case (0...1, .corrupted(path, _)), (2, .foreign(path)): break
            default: Issue.record("\(String(describing: error))")
            }
            if kind < 2 { #expect(try Data(contentsOf: URL(filePath: path)) == before) }
        }
    }

    @Test func refusesANewerSchema() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"))
            try await SQLiteStore(configuration).close()
            let other = try DatabaseQueue(path: configuration.path)
            try await other.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('002-from-the-future')")
            }
            try other.close()
            let error = #expect(throws: StoreError.self) { try SQLiteStore(configuration) }
            #expect(error == .newerSchema(place: configuration.path, found: "002-from-the-future"))
            #expect("\(try #require(error))".contains("002-from-the-future"))
        }
    }

    @Test func aFirstStartThatFailsLeavesNoHalfMadeStore() async throws {
        try await withSite { directory in
            // One page: no room for the schema.
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"), maximumBytes: 4096)
            #expect(throws: StoreError.full(place: configuration.path)) { try SQLiteStore(configuration) }
            let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(left.isEmpty)
        }
    }

    @Test func jobsOfAnOlderSchemaCountAsSent() async throws {
        try await withSite { directory in
            let configuration = SQLiteConfiguration(path: directory.file("muster.db"))
            let store = try SQLiteStore(configuration)
            try await store.commit([.job(Make.job(1), expected: [])])
            try await store.close()
            let older = try DatabaseQueue(path: configuration.path)
            try await older.write { db in
                try db.execute(sql: "ALTER TABLE jobs DROP COLUMN sent")
                try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '002-sent-jobs'")
            }
            try older.close()
            let newer = try SQLiteStore(configuration)
            #expect(try await newer.job(Make.jobID(1))?.sent == Make.job(1).published)
            try await newer.close()
        }
    }

    @Test func keepsEqualLargeBodiesOnceAndDropsThemWithTheLast() async throws {
        try await withSite { directory in
            let store = try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db"), sharedBodyBytes: 1000))
            let body = [UInt8](repeating: 9, count: 1000)
            for job in 1...2 {
                try await store.commit([
                    .job(Make.job(job), expected: []), .nodeReturn(Make.nodeReturn(job, 1, body: body)),
                    .nodeReturn(Make.nodeReturn(job, 2, body: body)), .nodeReturn(Make.nodeReturn(job, 3)),
                    .jobEnded(Make.jobID(job), at: Make.start + .seconds(job)),
                ])
            }
            func bodies() async throws -> Int {
                try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM bodies") ?? -1 }
            }
            #expect(try await bodies() == 1)
            _ = try await store.prune(Retention(age: .zero), now: Make.start + .seconds(2))
            #expect(try await bodies() == 1)
            _ = try await store.prune(Retention(age: .zero), now: Make.start + .seconds(3))
            #expect(try await bodies() == 0)
            try await store.close()
        }
    }

    @Test func givesPrunedSpaceBackToTheFileSystem() async throws {
        try await withSite { directory in
            let path = directory.file("muster.db")
            let store = try SQLiteStore(SQLiteConfiguration(path: path))
            for batch in 0..<20 {
                try await store.commit(
                    (0..<50).map {
                        .event(Make.event("e", data: .string(String(repeating: "x", count: 20_000 + $0 + batch))))
                    })
            }
            let before = await store.health().sizeBytes
            _ = try await store.prune(Retention(age: .zero), now: Make.start + .seconds(1))
            try await store.close()
            let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? .max
            #expect(before > 15_000_000)
            #expect(size < 6_000_000)
        }
    }

    @Test func readsEventsWithoutSorting() async throws {
        try await withSite { directory in
            let store = try SQLiteStore(SQLiteConfiguration(path: directory.file("muster.db")))
            let plan = try await store.read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        EXPLAIN QUERY PLAN SELECT sequence, tag FROM events WHERE sequence > 1 UNION ALL
                        SELECT sequence, function FROM returns LEFT JOIN bodies ON bodies.id = returns.body
                        WHERE sequence > 1 ORDER BY sequence LIMIT 10
                        """
                ).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.hasPrefix("MERGE") })
            #expect(!plan.contains { $0.contains("TEMP B-TREE") })
            try await store.close()
        }
    }

    private func withSite(_ body: (TestDirectory) async throws -> Void) async throws {
        try await body(try TestDirectory())
    }
}
