package import MusterCore

extension Timestamp {
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

extension Duration {
    /// A random duration between two.
    static func random(in range: ClosedRange<Duration>) -> Duration {
        .microseconds(Int64.random(in: range.lowerBound.microseconds...range.upperBound.microseconds))
    }
}
