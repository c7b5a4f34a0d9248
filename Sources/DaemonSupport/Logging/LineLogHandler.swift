import Glibc
package import Logging
package import MusterCore

/// One line on standard error for each message: time, level, phrase, then `key=value` sorted by key. Never colours.
///
/// Under systemd (`JOURNAL_STREAM` names the file that standard error is) the line begins with the priority instead of
/// the time: journald keeps both itself. A line is written with one call, so that those of several threads do not mix;
/// what cannot be written is lost.
package struct LineLogHandler: LogHandler {
    /// How a line begins.
    package enum Style: Sendable, Hashable {
        case timed
        case journal
    }

    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let style: Style
    private let now: @Sendable () -> Timestamp
    private let write: @Sendable (String) -> Void

    /// - Parameter write: takes a line with its end.
    package init(
        level: Logger.Level, style: Style, now: @escaping @Sendable () -> Timestamp = { .now },
        write: @escaping @Sendable (String) -> Void = { LineLogHandler.writeToStandardError($0) }
    ) {
        logLevel = level
        self.style = style
        self.now = now
        self.write = write
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provider = metadataProvider { fields.merge(provider.get()) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        if let error = event.error { fields["error"] = fields["error"] ?? "\(error)" }
        var line =
            switch style {
            case .timed: "\(now().iso8601.dropLast(3))Z \(LineLogHandler.word(event.level)) "
            case .journal: "<\(LineLogHandler.priority(event.level))>"
            }
        line += LineLogHandler.oneLine(event.message.description)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(LineLogHandler.quoted(value.description))"
        }
        write(line + "\n")
    }

    /// The style for this process's standard error.
    package static var currentStyle: Style {
        guard let stream = getenv("JOURNAL_STREAM") else { return .timed }
        var info = stat()
        guard fstat(STDERR_FILENO, &info) == 0 else { return .timed }
        return String(cString: stream) == "\(info.st_dev):\(info.st_ino)" ? .journal : .timed
    }

    private static func word(_ level: Logger.Level) -> String {
        switch level {
        case .trace: "trace   "
        case .debug: "debug   "
        case .info: "info    "
        case .notice: "notice  "
        case .warning: "warning "
        case .error: "error   "
        case .critical: "critical"
        }
    }

    /// The priority of syslog.
    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }

    /// As it is when it is one plain word, otherwise in quotes.
    private static func quoted(_ text: String) -> String {
        let isPlain = !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3d && $0 < 0x7f }
        return isPlain ? text : JSON.text(.string(text), escapesNonASCII: false)
    }

    /// Without line ends and other control characters: what came from a peer must not look like a line of ours.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { line.append(scalar.value < 0x20 || scalar.value == 0x7f ? "?" : scalar) }
        return String(line)
    }

    package static func writeToStandardError(_ line: String) {
        var line = line
        line.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)[...]
            while !rest.isEmpty {
                let count = Glibc.write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }
}

extension LogLevelName {
    /// The level of swift-log with this name.
    package var level: Logger.Level {
        switch self {
        case .trace: .trace
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
