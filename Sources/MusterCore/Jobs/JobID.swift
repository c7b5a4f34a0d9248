/// The name of a job: Salt's `jid`, 20 decimal digits `YYYYMMDDhhmmssffffff` (UTC), optionally `_` and a suffix.
///
/// A `JobID` is safe as a file name and in a log line; ids of one clock sort in the order they were made.
package struct JobID: Sendable, Hashable, Comparable {
    package let text: String

    /// Nil when the text is no job id.
    package init?(_ text: String) {
        self.init(utf8: text.utf8)
    }

    /// Nil when the bytes are no job id.
    package init?(utf8 bytes: some Collection<UInt8>) {
        guard (20...64).contains(bytes.count) else { return nil }
        guard bytes.prefix(20).allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        let suffix = bytes.dropFirst(20)
        if let first = suffix.first {
            guard first == UInt8(ascii: "_"), suffix.count > 1 else { return nil }
            guard
                suffix.dropFirst().allSatisfy({ ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || (0x30...0x39).contains($0) }
                )
            else { return nil }
        }
        text = String(decoding: bytes, as: UTF8.self)
    }

    fileprivate init(at time: Timestamp) {
        let t = time.utc
        text =
            t.year.digits(4) + t.month.digits(2) + t.day.digits(2) + t.hour.digits(2) + t.minute.digits(2)
            + t.second.digits(2) + t.microsecond.digits(6)
    }

    /// When the id was made, by the clock that made it.
    package var time: Timestamp {
        let digits = text.utf8.prefix(20).map { Int($0) - 0x30 }
        func number(_ range: Range<Int>) -> Int { digits[range].reduce(0) { $0 * 10 + $1 } }
        return Timestamp(
            utc: .init(
                year: number(0..<4), month: number(4..<6), day: number(6..<8), hour: number(8..<10),
                minute: number(10..<12), second: number(12..<14), microsecond: number(14..<20)))
    }

    package static func < (left: JobID, right: JobID) -> Bool { left.text < right.text }
}

/// Makes job ids that are unique and increase, whatever the clock does.
///
/// When the clock stands still or steps back, the next id is the last one plus a microsecond. Start it with the
/// newest id in the store so that this holds across restarts.
package struct JobIDClock: Sendable {
    private var last: Timestamp

    /// - Parameter newest: the newest id ever given out, if any.
    package init(after newest: JobID? = nil) {
        last = newest?.time ?? Timestamp(microseconds: 0)
    }

    /// The next id.
    package mutating func next(at now: Timestamp) -> JobID {
        last = max(now, last + .microseconds(1))
        return JobID(at: last)
    }
}

extension JobID: CustomStringConvertible {
    package var description: String { text }
}

extension JobID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = JobID(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is not a job id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
