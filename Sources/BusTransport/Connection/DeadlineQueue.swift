import HeapModule
import NIOCore

/// When each of many members next has something to do.
///
/// Deadlines of connections move all the time, nearly always to later. An entry is never moved: a member that is asked
/// too early says when it wants to be asked again. (A timer of NIO costs a search through all timers to cancel.)
///
/// A value without clock or timer: `BusLoop` sets one timer, for `next`.
struct DeadlineQueue<Member: Hashable> {
    private struct Entry: Comparable {
        let deadline: NIODeadline
        let member: Member

        static func < (left: Entry, right: Entry) -> Bool { left.deadline < right.deadline }
        static func == (left: Entry, right: Entry) -> Bool { left.deadline == right.deadline }
    }

    /// Deadlines further away than this are rounded up, so that those of many members fall together.
    private static var far: TimeAmount { .seconds(5) }
    private static var grain: UInt64 { 100_000_000 }

    private var entries = Heap<Entry>()
    /// The earliest entry of each member; others of it are left over and mean nothing.
    private var earliest: [Member: NIODeadline] = [:]

    /// When `popDue(at:)` has something; nil for never.
    var next: NIODeadline? { entries.min?.deadline }

    /// The member wants to be asked at this time, or a little later. An earlier wish stays in force.
    mutating func ask(_ member: Member, at deadline: NIODeadline, now: NIODeadline) {
        let deadline = deadline - now > Self.far ? Self.rounded(deadline) : deadline
        if let known = earliest[member], known <= deadline { return }
        earliest[member] = deadline
        entries.insert(Entry(deadline: deadline, member: member))
    }

    /// Takes a member whose time has come out of the queue; nil when there is none.
    mutating func popDue(at now: NIODeadline) -> Member? {
        while let entry = entries.min, entry.deadline <= now {
            entries.removeMin()
            guard earliest[entry.member] == entry.deadline else { continue }
            earliest[entry.member] = nil
            return entry.member
        }
        return nil
    }

    /// The member has gone.
    mutating func forget(_ member: Member) {
        earliest[member] = nil
    }

    private static func rounded(_ deadline: NIODeadline) -> NIODeadline {
        let (nanoseconds, grain) = (deadline.uptimeNanoseconds, grain)
        return .uptimeNanoseconds((nanoseconds + grain - 1) / grain * grain)
    }
}
