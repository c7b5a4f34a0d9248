import Foundation
import MusterCore
import MusterTestSupport

/// An unchanged Salt master of a site, asked with its own programs.
struct SaltMaster: Sendable {
    let site: SaltSite
    let release: SaltRelease

    /// Where `salt-key` lists a key.
    enum KeyList: String {
        case accepted = "minions"
        case pending = "minions_pre"
        case rejected = "minions_rejected"
    }

    /// Starts the master of a site and waits until it listens.
    @discardableResult
    func start(settings: String = "") async throws -> ChildProcess {
        try await site.startController(.salt(release), settings: "gather_job_timeout: 5\n\(settings)")
    }

    /// `salt`: what each node answered, by id.
    func ask(_ words: String..., within limit: Duration = .seconds(120)) async throws -> Value {
        try await ask(words, within: limit)
    }

    func ask(_ words: [String], within limit: Duration = .seconds(120)) async throws -> Value {
        try await site.salt(release).run(["--out=json", "--static"] + words, within: limit).json()
    }

    /// `salt --async`: the job's id.
    func publish(_ words: String...) async throws -> String {
        let output = try await site.salt(release).checked(["--async"] + words)
        guard let job = output.standardOutput.split(whereSeparator: \.isWhitespace).last, JobID(String(job)) != nil
        else { throw SiteError("no job id: \(output)") }
        return String(job)
    }

    /// `salt-run`: what the runner returned.
    func run(_ words: String...) async throws -> Value {
        try await site.salt(release, "salt-run").checked(["--out=json", "--log-level=quiet"] + words).json()
    }

    /// `salt-key`, without questions.
    func key(_ words: String...) async throws {
        _ = try await site.salt(release, "salt-key").checked(["-y"] + words)
    }

    /// `salt-key` until it lists ids as it was told, since a change can get lost: 3008 takes a key away before it writes it
    /// to its new place, and a node that asks in between is pending again.
    func judge(_ ids: [String], as list: KeyList, _ words: String...) async throws {
        try await poll("salt-key \(words) takes effect on \(ids)", within: .seconds(30)) {
            _ = try await site.salt(release, "salt-key").checked(["-y"] + words)
            return try await Set(keys(list)).isSuperset(of: ids)
        }
    }

    /// The ids that `salt-key -L` lists as such.
    func keys(_ list: KeyList) async throws -> [String] {
        let lists = try await site.salt(release, "salt-key").checked(["--out=json", "-L"]).json()
        return (lists[list.rawValue]?.array ?? []).compactMap(\.string).sorted()
    }

    func waitForKeys(_ ids: [String], in list: KeyList) async throws {
        try await poll("salt-key lists \(ids) as \(list)", within: .seconds(30)) {
            try await Set(keys(list)).isSuperset(of: ids)
        }
    }

    /// Waits until nodes answer a ping. A master that is just starting fails the command.
    func waitForPing(_ ids: String...) async throws {
        var last = ""
        do {
            try await poll("\(ids) answer the master", within: .seconds(120)) {
                let words = ["--out=json", "--static", "-t", "2", "-L", ids.joined(separator: ","), "test.ping"]
                let output = try await site.salt(release).run(words)
                last = output.description
                let answer = try? output.json()  // what is no JSON is no answer
                return ids.allSatisfy { answer?[$0] == true }
            }
        } catch {
            throw SiteError("\(error): \(last)")
        }
    }
}
