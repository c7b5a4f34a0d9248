import Glibc
package import MusterCore

extension Timestamp {
    /// The present moment by the machine's clock.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// `Sat Nov 21 10:15:30 2026`, in UTC: C's `asctime` without its line feed.
    package var asctime: String {
        let t = utc
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let day = Int(((seconds / 86_400) % 7 + 7) % 7)
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
