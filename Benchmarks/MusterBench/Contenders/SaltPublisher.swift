import DaemonSupport
import MusterCore

/// One Python process that publishes jobs through Salt's own client, one right after the other.
///
/// Python and Salt are loaded before the clock starts.
struct SaltPublisher {
    private let daemon: Daemon
    private let start: String
    private let jobs: Int

    init(python: String, configuration: String, jobs: Int, directory: TemporaryDirectory) throws {
        let script = directory.file("publish.py")
        start = directory.file("publish.start")
        let log = directory.file("publish.log")
        self.jobs = jobs
        for file in [start, log] { try Files.remove(file) }
        try Files.write(Array(SaltPublisher.script.utf8), to: script)
        daemon = try Daemon("the publisher", python, [script, "\(configuration)/master", start, "\(jobs)"], log: log)
    }

    /// Lets it publish.
    ///
    /// - Returns: when it was told to.
    func go() async throws -> ContinuousClock.Instant {
        try await waitUntilItSays("ready")
        let now = ContinuousClock.now
        try Files.append([], to: start)
        try await waitUntilItSays("published \(jobs)")
        return now
    }

    func stop() async { await daemon.stop() }

    private func waitUntilItSays(_ words: String) async throws {
        try await poll("the publisher says '\(words)'", within: .seconds(180), every: .milliseconds(10)) {
            let text = try Files.text(daemon.log)
            if text.contains("\(words)\n") { return true }
            try daemon.check()
            return nil
        }
    }

    private static let script = """
        import os
        import sys
        import time

        import salt.client

        configuration, start, jobs = sys.argv[1], sys.argv[2], int(sys.argv[3])
        client = salt.client.LocalClient(c_path=configuration)
        print("ready", flush=True)
        while not os.path.exists(start):
            time.sleep(0.001)
        published = 0
        for _ in range(jobs):
            if client.run_job("*", "test.ping", timeout=120):
                published += 1
        print("published", published, flush=True)
        time.sleep(3600)

        """
}
