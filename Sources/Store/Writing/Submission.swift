import MusterCore

/// What was handed in together: stored together, completed once.
struct Submission: Sendable {
    let writes: [StoreWrite]
    let completion: @Sendable (Result<StoreCommit, any Error>) -> Void

    /// What it costs to keep it waiting, roughly.
    var weight: WriteWeight {
        writes.reduce(.none) { sum, write in
            let (writes, bytes) =
                switch write {
                case .nodeReturn(let nodeReturn), .expectedReturn(let nodeReturn):
                    (1, nodeReturn.body.bytes.count + 200)
                case .facts(_, let body, _): (1, body.bytes.count + 100)
                case .job(_, let expected): (1 + expected.count, 500 + 100 * expected.count)
                case .outcomes(_, let expected): (expected.count, 100 * expected.count)
                case .event: (1, 500)
                case .idGiven, .jobSent, .jobEnded, .note, .contact, .forget: (1, 100)
                }
            return sum + .init(writes: writes, bytes: bytes)
        }
    }
}
