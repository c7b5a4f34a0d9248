/// A point in time by the wall clock, which is what the `expires` header speaks of.
package struct Moment: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970.
    package var milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// After everything.
    package static let never = Moment(milliseconds: .max)

    package static func < (left: Moment, right: Moment) -> Bool { left.milliseconds < right.milliseconds }

    /// So much later; never, where that cannot be counted any more.
    func later(by milliseconds: Int64) -> Moment {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return overflow ? .never : Moment(milliseconds: sum)
    }
}
