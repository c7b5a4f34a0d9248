import MusterCore
import SaltProtocol
import Store

/// Short ways to values that tests need.
enum Make {
    static func node(_ text: String) -> NodeID { NodeID(text)! }
    static func nodes(_ texts: String...) -> [NodeID] { texts.map(node) }
    static func numbered(_ count: Int) -> [NodeID] { (0..<count).map { node("node-\($0.digits(5))") } }

    /// Ids of larger numbers are newer.
    static func jobID(_ number: Int) -> JobID { JobID("20261121" + number.digits(12))! }

    static func job(
        _ number: Int = 1, published: Timestamp = TestClock.start, timeout: Duration = .seconds(5),
        batch: BatchSize? = nil
    ) -> Job {
        Job(
            id: jobID(number), calls: [FunctionCall("test.ping")], target: Target(.glob, "*"), user: "root",
            published: published, timeout: timeout, batch: batch)
    }

    static func answer(
        _ job: JobID, _ node: NodeID, code: Int = 0, received: Timestamp = TestClock.start, body: [UInt8] = [0xc3]
    ) -> NodeReturn {
        NodeReturn(
            job: job, node: node, function: "test.ping", body: .init(.messagePack, body), returnCode: code,
            isSuccess: code == 0, received: received)
    }

    static func facts(_ facts: ValueMap) -> NodeReturn.Body {
        .init(.messagePack, Value.map(facts).messagePack())
    }

    /// Made once: every pair costs many milliseconds.
    static let keys: [PrivateKey] = (0..<4).map { _ in try! PrivateKey.generate(bits: 1024) }
}
