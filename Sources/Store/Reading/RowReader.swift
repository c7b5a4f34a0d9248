import GRDB
import MusterCore

/// Rows back into values. A row that makes none means a damaged file, or a hand that wrote to it.
struct RowReader: Sendable {
    let place: String

    func damaged(_ what: String) -> StoreError { .corrupted(place: place, reason: "unreadable: \(what)") }

    func node(_ row: Row) throws -> NodeID {
        guard let id = (row["node"] as String?).flatMap({ NodeID($0) }) else { throw damaged("a node id") }
        return id
    }

    /// From the columns `sent`, `ended` and `job`, with the outcomes counted.
    func job(_ row: Row, _ db: Database) throws -> StoredJob {
        let job: Job
        do {
            job = try ValueDecoder().decode(from: StoredJSON.value(row["job"]))
        } catch {
            throw damaged("a job (\(error))")
        }
        let counts = try Row.fetchAll(
            db.cachedStatement(
                sql: "SELECT outcome, count(*) AS count FROM expectations WHERE job = ? GROUP BY outcome"),
            arguments: [job.id.text])
        var stored = StoredJob(
            job: job, sent: (row["sent"] as Int64?).map(Timestamp.init(microseconds:)),
            ended: (row["ended"] as Int64?).map(Timestamp.init(microseconds:)), expectedCount: 0, counts: [:])
        for count in counts {
            guard let kind = (count["outcome"] as String?).flatMap(Outcome.Kind.init) else {
                throw damaged("an outcome of job \(job.id)")
            }
            stored.counts[kind] = count["count"]
            stored.expectedCount += count["count"] as Int
        }
        return stored
    }

    func nodeReturn(_ row: Row) throws -> NodeReturn {
        guard let job = (row["job"] as String?).flatMap({ JobID($0) }) else { throw damaged("the job id of a return") }
        guard let encoding = (row["encoding"] as UInt8?).flatMap(NodeReturn.Body.Encoding.init),
            let bytes = try row.withUnsafeData(named: "content", { $0.map { [UInt8]($0) } })
        else { throw damaged("a return of job \(job)") }
        return NodeReturn(
            job: job, node: try node(row), function: row["function"], body: .init(encoding, bytes),
            returnCode: row["code"],
            isSuccess: row["success"], outputter: row["outputter"], received: Timestamp(microseconds: row["received"]))
    }

    /// From the columns of a return, or `tag`, `time` and `data` where there is no job.
    func event(_ row: Row) throws -> StoredEvent {
        let sequence: Int64 = row["sequence"]
        guard let tag = row["tag"] as String? else {
            return .nodeReturn(sequence: sequence, try nodeReturn(row))
        }
        do {
            return .event(
                Event(
                    sequence: sequence, tag: tag, time: Timestamp(microseconds: row["time"]),
                    data: try StoredJSON.value(row["data"])))
        } catch {
            throw damaged("event \(sequence) (\(error))")
        }
    }

    func storedNode(_ row: Row) throws -> StoredNode {
        StoredNode(
            id: try node(row), contact: contact(row), facts: try facts(row),
            factsTime: (row["facts_time"] as Int64?).map(Timestamp.init(microseconds:)))
    }

    /// From the columns `time`, `connected` and `address`; nil when there is no time.
    func contact(_ row: Row) -> NodeContact? {
        (row["time"] as Int64?).map { time in
            NodeContact(time: Timestamp(microseconds: time), isConnected: row["connected"], address: row["address"])
        }
    }

    /// From the columns `encoding` and `bytes`; nil when there is no encoding.
    func facts(_ row: Row) throws -> NodeReturn.Body? {
        guard let encoding = (row["encoding"] as UInt8?).flatMap(NodeReturn.Body.Encoding.init) else { return nil }
        return .init(encoding, try row.withUnsafeData(named: "bytes", { $0.map { [UInt8]($0) } }) ?? [])
    }
}
