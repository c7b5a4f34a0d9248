import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Times as Ruby prints them, in the zone of this machine.
enum LocalTime {
    /// `2026-11-21 06:34:43 +0000`
    static func text(_ time: Timestamp) -> String { text(time, "%Y-%m-%d %H:%M:%S %z") }

    /// `2026/11/21 06:34:43`, as the lines of logs begin.
    static func logText(_ time: Timestamp) -> String { text(time, "%Y/%m/%d %H:%M:%S") }

    /// `2026-11-21 06:34:43`
    static func shortText(_ time: Timestamp) -> String { text(time, "%Y-%m-%d %H:%M:%S") }

    private static func text(_ time: Timestamp, _ format: String) -> String {
        var seconds = time_t(time.seconds)
        var fields = tm()
        guard localtime_r(&seconds, &fields) != nil else { return "\(time.seconds)" }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let count = buffer.baseAddress.map { strftime($0, buffer.count, format, &fields) } ?? 0
            return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
