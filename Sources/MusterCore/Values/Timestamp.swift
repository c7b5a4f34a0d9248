/// A point in time: microseconds since 1970-01-01 UTC, the resolution of Salt's job ids and stamps.
package struct Timestamp: Sendable, Hashable, Comparable {
    package var microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// The end or the beginning of what can be told, for seconds beyond.
    package init(seconds: Int64) {
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
        microseconds = overflows ? (seconds < 0 ? .min : .max) : product
    }

    /// Whole seconds, rounded down.
    package var seconds: Int64 {
        let (quotient, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return rest < 0 ? quotient - 1 : quotient
    }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    package static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(microseconds: time.microseconds + duration.microseconds)
    }

    package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
        .microseconds(later.microseconds - earlier.microseconds)
    }
}

extension Timestamp {
    /// The calendar fields of this moment in UTC.
    package struct Calendar: Sendable, Hashable {
        package var year, month, day, hour, minute, second, microsecond: Int
    }

    /// The moment in the proleptic Gregorian calendar, UTC.
    package var utc: Calendar {
        let total = seconds
        let micro = Int(microseconds - total * 1_000_000)
        let days = total >= 0 ? total / 86_400 : (total - 86_399) / 86_400
        let rest = Int(total - days * 86_400)
        // Days to civil date, Howard Hinnant's algorithm.
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = Int(z - era * 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return Calendar(
            year: yearOfEra + Int(era) * 400 + (month <= 2 ? 1 : 0),
            month: month,
            day: dayOfYear - (153 * shifted + 2) / 5 + 1,
            hour: rest / 3600,
            minute: rest % 3600 / 60,
            second: rest % 60,
            microsecond: micro)
    }

    /// The moment of a calendar date and time in UTC. Fields out of range carry over.
    package init(utc date: Calendar) {
        let y = Int64(date.month <= 2 ? date.year - 1 : date.year)
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let month = Int64(date.month)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + Int64(date.day) - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + Int64(date.hour) * 3600 + Int64(date.minute) * 60 + Int64(date.second)
        self.init(microseconds: seconds * 1_000_000 + Int64(date.microsecond))
    }

    /// `2026-11-21T09:30:00.123456`, Salt's `_stamp` before 3008 and without a zone: always UTC.
    package var iso8601: String {
        let t = utc
        return "\(t.year.digits(4))-\(t.month.digits(2))-\(t.day.digits(2))T"
            + "\(t.hour.digits(2)):\(t.minute.digits(2)):\(t.second.digits(2)).\(t.microsecond.digits(6))"
    }

    /// `Sat Nov 21 10:15:30 2026`, in UTC: C's `asctime` without its line feed.
    package var asctime: String {
        let t = utc
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let daysSince1970 = (seconds - (seconds < 0 ? 86_399 : 0)) / 86_400
        let day = Int((daysSince1970 % 7 + 7) % 7)
        let dayOfMonth = t.day < 10 ? " \(t.day)" : "\(t.day)"
        return "\(days[day]) \(months[t.month - 1]) \(dayOfMonth) "
            + "\(t.hour.digits(2)):\(t.minute.digits(2)):\(t.second.digits(2)) \(t.year)"
    }
}

extension Timestamp: Codable {
    /// An integer: microseconds since 1970-01-01 UTC.
    package init(from decoder: any Decoder) throws {
        microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }
}

extension Duration {
    /// The whole of the duration in microseconds, rounded towards zero.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + attoseconds / 1_000_000_000_000
    }

    /// The duration in seconds.
    package var inSeconds: Double { Double(microseconds) / 1_000_000 }
}

extension Int {
    /// The number in decimal, padded with zeros to `width`.
    package func digits(_ width: Int) -> String {
        let text = String(self)
        return text.count >= width ? text : String(repeating: "0", count: width - text.count) + text
    }
}
