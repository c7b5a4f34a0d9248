package import Logging
import MCollectiveProtocol
package import MusterCore

/// The facts of a node in its collective: those of the YAML files of `plugin.yaml`, over the node's own.
///
/// Files are read again when one of them changed, and after `fact_cache_time`. A file that cannot be read is left out and
/// logged once for each change, as the reference does. Everything becomes text, which filters compare.
///
/// Source: MCollective 2.12, `facts/base.rb`, `facts/yaml_facts.rb`.
package actor CollectiveFacts {
    /// Reads one file.
    package typealias Reader = @Sendable (_ path: String) throws -> ValueMap

    private struct Stamp: Equatable {
        var modified: Double
        var size: Int64
    }

    private let files: [String]
    private let cacheTime: Duration
    private let own: any FactsProvider
    private let read: Reader
    private let logger: Logger
    private var stamps: [Stamp?]?
    private var readAt: ContinuousClock.Instant?
    private var ofFiles: ValueMap = [:]
    private var lastOwn: ValueMap?
    private var merged: ValueMap = [:]

    /// - Parameters:
    ///   - files: later ones win.
    ///   - own: what the machine tells; facts of the files win over them.
    package init(
        files: [String], cacheTime: Duration, own: any FactsProvider, logger: Logger, read: @escaping Reader
    ) {
        self.files = files
        self.cacheTime = cacheTime
        self.own = own
        self.read = read
        self.logger = logger
    }

    /// The facts as they stand.
    package func facts(at now: ContinuousClock.Instant = .now) async -> ValueMap {
        let current = await own.facts()
        let isChanged = reload(now)
        if isChanged || current != lastOwn {
            lastOwn = current
            merged = [:]
            for entry in current where !entry.value.isNull { merged[entry.key] = CollectiveFacts.text(entry.value) }
            merged.merge(ofFiles)
        }
        return merged
    }

    private func reload(_ now: ContinuousClock.Instant) -> Bool {
        let stamps = files.map { path in FileStatus(path).map { Stamp(modified: $0.modified, size: $0.size) } }
        if stamps == self.stamps, let readAt, now - readAt < cacheTime { return false }
        let isNews = stamps != self.stamps
        self.stamps = stamps
        readAt = now
        var facts: ValueMap = [:]
        for path in files {
            do {
                guard FileStatus(path) != nil else { throw FunctionError.failed(reason: "there is no such file") }
                for entry in try read(path) {
                    facts[.string(entry.key.factText ?? entry.key.pythonText)] = CollectiveFacts.text(entry.value)
                }
            } catch  where isNews {
                logger.error("facts skipped", metadata: ["file.path": "\(path)", "reason": "\(error)"])
            } catch {
                // Said before, and the file has not changed since.
                continue
            }
        }
        defer { ofFiles = facts }
        return facts != ofFiles
    }

    /// Leaves become text, lists and maps stay.
    private static func text(_ value: Value) -> Value {
        switch value {
        case .array(let elements): .array(elements.map(text))
        case .map(let map):
            .map(ValueMap(map.map { (key: .string($0.key.factText ?? $0.key.pythonText), value: text($0.value)) }))
        case .null: ""
        case .bytes(let bytes): .string(String(decoding: bytes, as: UTF8.self))
        case .bool, .int, .uint, .double, .string: .string(value.factText ?? "")
        }
    }
}
