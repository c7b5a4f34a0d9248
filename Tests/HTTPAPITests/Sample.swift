import MusterCore

/// One of each value the API carries, with every field set.
enum Sample {
    static let jobID = JobID("20261121093000123456")!
    static let web = NodeID("web1")!
    /// An id that needs percent-encoding in a path.
    static let odd = NodeID("wéb 1%?#&=+")!
    static let time = Timestamp(microseconds: 1_795_253_400_123_456)

    static let target = Target(.compound, "G@os:Debian and web* or E@d[b]", delimiter: "|")
    static let call = FunctionCall(
        "cmd.run", arguments: ["uname -r", 1.0, 7, nil, ["a": [true]]], keywords: ["z": 1, "cwd": "/tmp"])
    static let job = Job(
        id: jobID, calls: [call, FunctionCall("test.ping")], target: target, user: "ann", published: time,
        timeout: .milliseconds(5500), returners: "mysql", metadata: ["ticket": "OPS-1"], batch: .percent(25))
    static let request = JobRequest(
        calls: job.calls, target: target, user: "mallory", timeout: .milliseconds(2500), batch: .nodes(10),
        allowsMissing: true, returners: "mysql", metadata: ["ticket": "OPS-1"])
    static let receipt = JobReceipt(job: jobID, expected: [odd, web], missing: ["ghost"])
    static let preview = TargetPreview(
        nodes: [.init(node: web, isConnected: true), .init(node: odd, isConnected: false)], missing: ["ghost"],
        unjudged: [odd])
    static let outcomes: [Outcome] = [
        .waiting, .running(since: time, lastSeen: time + .seconds(3)), .ok, .failed(code: 2),
        .unreachable(.offline(since: time)), .unreachable(.neverConnected), .unreachable(.noAcceptedKey),
        .refused(reason: "no such function"), .timedOut, .cancelled, .lost(reason: "restarted"),
    ]
    static let report = JobReport(
        job: job, ended: time + .seconds(9),
        nodes: outcomes.enumerated().map { Expectation(node: NodeID("n\(10 + $0.offset)")!, outcome: $0.element) },
        unexpected: [odd])
    static let storedJob = StoredJob(job: job, ended: nil, expectedCount: 12, counts: [.ok: 10, .timedOut: 2])
    static let answers = [
        NodeAnswer(
            node: web, function: "test.ping", value: true, returnCode: 0, hasSucceeded: true, outputter: nil,
            received: time, isExpected: true),
        NodeAnswer(
            node: odd, function: "grains.items", value: ["os": "Debian", "n": 1.0, "a": ["ü\n\"", nil]], returnCode: 2,
            hasSucceeded: false, outputter: "nested", received: time, isExpected: false),
    ]
    static let updates: [JobUpdate] = [
        .begun(report), .answered(answers[0], .ok), .changed(Expectation(node: odd, outcome: .timedOut)),
        .answered(answers[1], .failed(code: 2)), .ended(report),
    ]
    static let timeline = NodeTimeline(
        node: odd, outcome: .timedOut, notes: [TimelineNote(time: time, text: "asked whether the job runs")])
    static let keys = [
        KeyEntry(node: web, state: .accepted, fingerprint: "aa:bb"), KeyEntry(node: odd, state: nil, fingerprint: "cc"),
    ]
    static let summary = NodeSummary(
        node: odd, keyState: .accepted, contact: NodeContact(time: time, isConnected: true, address: "192.0.2.1:40000"),
        version: "Salt 3008.5", system: "Debian 12")
    static let detail = NodeDetail(
        summary: summary, fingerprint: "aa:bb", facts: ["os": "Debian", "mem_total": 4096], factsTime: time)
    static let events = (1...3).map {
        Event(sequence: $0, tag: "salt/job/\(jobID)/ret/web1", time: time, data: ["n": .int($0)])
    }
    static let batches: [EventBatch] = [
        .gap(after: 0, count: 0), .events([events[0]]), .events([events[1]]), .gap(after: 2, count: 40),
        .events([events[2]]),
    ]
    static let status = ControllerStatus(
        version: "0.1.0", started: time, listeners: ["salt publish 0.0.0.0:4505"], connectedNodes: 3, openJobs: 1,
        store: StoreHealth(failure: nil, failingSince: nil, pendingWrites: 4, sizeBytes: 8192),
        counters: ["muster_jobs_total": 12])
}
