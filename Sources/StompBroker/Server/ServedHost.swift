import MusterCore

/// A virtual host as the broker's loop has it: with the log of its persistent messages, if they are kept.
///
/// Owner: the broker's event loop.
final class ServedHost {
    let host: VirtualHost
    let log: DiskLog?
    /// Whether everything is on disk and the log's thread has ended.
    var isClosed: Bool
    private var isClosing = false
    private(set) var published = RateMeter()
    private(set) var delivered = RateMeter()
    /// What the operator was told of messages that were dropped.
    var toldDrops: (slow: UInt64, full: UInt64) = (0, 0)

    init(_ host: VirtualHost, _ log: DiskLog?) {
        self.host = host
        self.log = log
        isClosed = log == nil
        guard let recovery = log?.recovery else { return }
        for (message, queue) in recovery.messages { host.restore(message, to: queue) }
        host.reserveIDs(upTo: recovery.lastID)
    }

    /// A second is over.
    func tick() {
        published.tick(at: host.statistics.published)
        delivered.tick(at: host.statistics.delivered)
    }

    /// Brings what waits to disk; the log tells when that is done.
    func close() {
        guard !isClosing else { return }
        isClosing = true
        log?.close()
    }

    /// More waits for the disk than should: publishers wait, before they are refused.
    var isBehind: Bool { (log?.pendingBytes ?? 0) > ServedHost.behindBytes }

    /// So much less waits that publishers may go on.
    var hasCaughtUp: Bool { (log?.pendingBytes ?? 0) < ServedHost.behindBytes / 2 }

    private static let behindBytes = 16 << 20
}

extension ServedHost {
    /// The directory of a virtual host's messages: its name, with everything but letters, digits, `_` and `-` as `%2F`.
    static func directoryName(_ name: String) -> String {
        name.utf8.reduce(into: "") { text, byte in
            let character = Character(Unicode.Scalar(byte))
            let isPlain =
                byte < 0x80 && (character.isLetter || character.isNumber || character == "_" || character == "-")
            if isPlain {
                text.append(character)
            } else {
                text += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}
