import Glibc
package import MusterCore

/// What the files of a Puppet agent say at one moment.
///
/// Source: the agent `puppet` of MCollective, `util/puppet_agent_mgr.rb`.
package struct PuppetState: Sendable, Hashable {
    /// Whether a catalog is being applied.
    package var isApplying = false
    package var isEnabled = true
    /// Why it is disabled; empty when it is not, or when nobody said.
    package var disableMessage = ""
    /// Whether the agent runs as a daemon.
    package var hasDaemon = false
    /// When the last run ended, in seconds of the epoch; zero when it never ran.
    package var lastRun: Int64 = 0

    package init() {}

    /// Looks.
    ///
    /// - Parameters:
    ///   - summary: the file of the last run, read.
    ///   - isRunning: whether a process of an id is there.
    package init(
        _ paths: PuppetInstallation.Paths, summary: ValueMap, files: SystemFiles = SystemFiles(),
        isRunning: (Int32) -> Bool = { kill($0, 0) == 0 || errno == EPERM }
    ) {
        func lives(_ path: String) -> Bool {
            files.text(path).flatMap { Int32($0.trimmed) }.map(isRunning) ?? false
        }
        isApplying = lives(paths.runLock)
        hasDaemon = lives(paths.processID)
        if let lock = files.text(paths.disabledLock) {
            isEnabled = false
            // The file of old releases is empty.
            disableMessage = (try? JSON.value(lock))?["disabled_message"]?.string ?? ""
        }
        lastRun = summary["time"]?["last_run"]?.int ?? 0
    }

    /// Whether the daemon waits for its next run.
    package var isIdling: Bool { hasDaemon && !isApplying }

    /// The status in a word.
    package var word: String {
        if !isEnabled { return "disabled" }
        if isApplying { return "applying a catalog" }
        return isIdling ? "idling" : "stopped"
    }

    /// The status in a sentence.
    package func message(at now: Timestamp) -> String {
        "Currently \(word); last completed run \(PuppetState.text(ofSeconds: now.seconds - lastRun)) ago"
    }

    /// A duration as the peers write it: from the largest unit that is there, and seconds with two digits.
    package static func text(ofSeconds seconds: Int64) -> String {
        let seconds = max(0, seconds)
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60)
        let rest = (seconds % 60 < 10 ? "0" : "") + "\(seconds % 60) seconds"
        if days > 0 { return "\(days) \(days == 1 ? "day" : "days") \(hours) hours \(minutes) minutes \(rest)" }
        if hours > 0 { return "\(hours) hours \(minutes) minutes \(rest)" }
        return minutes > 0 ? "\(minutes) minutes \(rest)" : rest
    }
}
