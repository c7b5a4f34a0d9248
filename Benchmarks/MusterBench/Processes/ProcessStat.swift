/// The part of `/proc/PID/stat` that counts here.
///
///     PID (COMMAND) STATE PARENT GROUP … UTIME STIME CUTIME CSTIME … STARTTIME …
///
/// The command may contain spaces and parentheses: what follows begins behind the last one. Source: proc(5).
struct ProcessStat: Sendable, Hashable {
    var processID: Int32
    var parent: Int32
    /// Processor time of the process and of its ended and awaited children, in clock ticks.
    var ticks: Int
    /// When it was started, in clock ticks since the machine was; with the id this names a process for good.
    var started: Int

    /// - Returns: nil when the line is no such line.
    init?(_ line: String) {
        guard let opening = line.firstIndex(of: "("), let closing = line.lastIndex(of: ")"), opening < closing,
            let processID = Int32(line[..<opening].filter { !$0.isWhitespace })
        else { return nil }
        let fields = line[line.index(after: closing)...].split(whereSeparator: \.isWhitespace)
        // The first field behind the command is number 3 of the manual page.
        let times = fields.dropFirst(11).prefix(4).compactMap { Int($0) }
        guard times.count == 4, let parent = Int32(fields[1]), fields.count > 19, let started = Int(fields[19])
        else { return nil }
        self.processID = processID
        self.parent = parent
        ticks = times.reduce(0, +)
        self.started = started
    }
}
