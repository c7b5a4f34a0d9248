package import Logging
import MessagePack
package import MusterCore
import SaltProtocol

/// Returns that a master has not acknowledged yet, on disk: they outlive the connection and the node.
///
/// One file for each job, named by its id, in a directory of one master: `MRT1`, the length of the content in decimal, a
/// line feed, and the fields of the return in MessagePack. Bounded by bytes: when it is full the oldest go, with a
/// warning each. What the master never takes lies in `refused/` of that directory, in the same form and bounded as well:
/// moved back by hand, it is sent again at the next start.
package actor ReturnSpool {
    private static let magic = Array("MRT1 ".utf8)
    private static let refusedLimit = 100

    private let directory: String
    private let limitBytes: Int
    private let logger: Logger
    /// Oldest first: ids sort by their time.
    private var sizes: [(job: JobID, bytes: Int)] = []

    /// Opens the spool; files that are no returns are moved aside.
    package init(directory: String, limitBytes: Int = 64 << 20, logger: Logger) throws {
        self.directory = directory
        self.limitBytes = limitBytes
        self.logger = logger
        try Files.makeDirectory(directory)
        for name in Files.list(directory) {
            guard let job = JobID(name), let status = Files.status("\(directory)/\(name)"), status.isRegular else {
                continue
            }
            sizes.append((job, status.bytes))
        }
        sizes.sort { $0.job < $1.job }
    }

    /// The jobs whose returns wait, oldest first.
    package var waiting: [JobID] { sizes.map(\.job) }

    /// Keeps a return until it is acknowledged.
    ///
    /// - Throws: `SpoolError.tooLarge` when it alone is over the limit: then the others stay, and it is not kept; or
    ///   `FileError`.
    package func store(_ fields: ValueMap, of job: JobID) throws {
        let content = Value.map(fields).messagePack(.modern)
        let bytes = ReturnSpool.magic + Array("\(content.count)\n".utf8) + content
        guard bytes.count <= limitBytes else {
            throw SpoolError.tooLarge(bytes: bytes.count, limitBytes: limitBytes)
        }
        makeRoom(for: bytes.count)
        try Files.write(bytes, to: path(job))
        sizes.removeAll { $0.job == job }
        let index = sizes.firstIndex { job < $0.job } ?? sizes.endIndex
        sizes.insert((job, bytes.count), at: index)
    }

    /// A return that waits; nil when it is gone, or was no return and has been moved aside.
    package func fields(of job: JobID) -> ValueMap? {
        guard sizes.contains(where: { $0.job == job }) else { return nil }
        do {
            return try ReturnSpool.decode(try Files.read(path(job), limitBytes: max(limitBytes, 1 << 20)))
        } catch {
            moveAside(job, error)
            return nil
        }
    }

    /// The master has it.
    package func acknowledged(_ job: JobID) {
        sizes.removeAll { $0.job == job }
        do {
            try Files.remove(path(job))
        } catch {
            // It will be sent once more after a restart, which masters must stand anyway.
            logger.warning("spooled return not removed", metadata: ["job.id": "\(job)", "error": "\(error)"])
        }
    }

    /// Takes a return that the master never takes out of the spool.
    ///
    /// - Returns: the file it lies in now; nil when one of that job lies there already, or it cannot be moved: then it is
    ///   gone.
    package func moveToRefused(_ job: JobID) -> String? {
        let refused = "\(directory)/refused"
        let target = "\(refused)/\(job.text)"
        guard let entry = sizes.first(where: { $0.job == job }), Files.status(target) == nil else {
            acknowledged(job)
            return nil
        }
        do {
            try Files.makeDirectory(refused)
            makeRoomForRefused(entry.bytes, in: refused)
            try Files.move(path(job), to: target)
            sizes.removeAll { $0.job == job }
            return target
        } catch {
            logger.error("refused return not moved aside", metadata: ["job.id": "\(job)", "error": "\(error)"])
            acknowledged(job)
            return nil
        }
    }

    private func makeRoomForRefused(_ bytes: Int, in refused: String) {
        var files = Files.list(refused).compactMap { name in
            Files.status("\(refused)/\(name)").map { (path: "\(refused)/\(name)", bytes: $0.bytes) }
        }
        var total = files.reduce(bytes) { $0 + $1.bytes }
        while !files.isEmpty, total > limitBytes || files.count >= ReturnSpool.refusedLimit {
            let oldest = files.removeFirst()
            total -= oldest.bytes
            // What cannot be removed now is tried again with the next one.
            try? Files.remove(oldest.path)
        }
    }

    private func makeRoom(for bytes: Int) {
        var total = sizes.reduce(bytes) { $0 + $1.bytes }
        while total > limitBytes, let oldest = sizes.first {
            total -= oldest.bytes
            logger.warning(
                "return dropped, the spool is full", metadata: ["job.id": "\(oldest.job)", "bytes": "\(oldest.bytes)"])
            acknowledged(oldest.job)
        }
    }

    private func moveAside(_ job: JobID, _ error: any Error) {
        sizes.removeAll { $0.job == job }
        logger.error("spooled return unreadable, moved aside", metadata: ["job.id": "\(job)", "error": "\(error)"])
        do {
            try Files.move(path(job), to: "\(path(job)).corrupt")
        } catch {
            logger.error("spooled return not moved", metadata: ["job.id": "\(job)", "error": "\(error)"])
        }
    }

    private func path(_ job: JobID) -> String { "\(directory)/\(job.text)" }

    private static func decode(_ bytes: [UInt8]) throws -> ValueMap {
        guard bytes.starts(with: magic), let end = bytes.firstIndex(of: 0x0a),
            let count = Int(String(decoding: bytes[magic.count..<end], as: UTF8.self)), bytes.count == end + 1 + count,
            let fields = try Value(messagePack: Array(bytes[(end + 1)...])).map
        else { throw SpoolError.notAReturn }
        return fields
    }
}

/// Why the spool does not keep or give a return.
package enum SpoolError: Error, Hashable, Sendable {
    case notAReturn
    /// One return is larger than everything that may wait.
    case tooLarge(bytes: Int, limitBytes: Int)
}

extension SpoolError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notAReturn: "the file is no spooled return, or a part of one"
        case .tooLarge(let bytes, let limit):
            "the answer has \(bytes) bytes, more than this node keeps for a controller (return_spool_size: \(limit)), and "
                + "the controller did not take it at once: write it to a file and fetch that, or raise the limit"
        }
    }
}
