import Foundation
import Glibc
import MusterCore
import StompBroker
import Synchronization

/// Segments in memory, with a disk that can be full, broken, or held.
final class MemoryStorage: SegmentStorage {
    struct State: Sendable {
        var segments: [Int: [UInt8]] = [:]
        var current = 0
        /// How many writes, from now on, fail for want of room.
        var fullFor = 0
        var isBroken = false
        var deleted: [Int] = []
        var synchronizations = 0
    }

    private let state: Mutex<State>
    /// Locked while nothing comes to the disk.
    private let gate = NSLock()

    init(_ segments: [Int: [UInt8]] = [:]) { state = Mutex(State(segments: segments)) }

    var segments: [Int: [UInt8]] { state.withLock { $0.segments } }
    var deleted: [Int] { state.withLock { $0.deleted } }
    var synchronizations: Int { state.withLock { $0.synchronizations } }
    func fill(for writes: Int) { state.withLock { $0.fullFor = writes } }
    /// Nothing comes to the disk until `body` has returned.
    func whileHeld(_ body: () throws -> Void) rethrows { try gate.withLock { try body() } }
    func breakDown() { state.withLock { $0.isBroken = true } }

    func create(_ number: Int) throws(FileError) {
        state.withLock { state in
            state.segments[number] = []
            state.current = number
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        let copy = Array(bytes)
        let isFull = state.withLock { state -> Bool in
            guard state.fullFor == 0 else {
                state.fullFor -= 1
                return true
            }
            state.segments[state.current]? += copy
            return false
        }
        if isFull { throw FileError(.write, "segment", ENOSPC) }
    }

    func synchronize() throws(FileError) {
        gate.withLock {}
        let isBroken = state.withLock { state in
            state.synchronizations += 1
            return state.isBroken
        }
        if isBroken { throw FileError(.write, "segment", EIO) }
    }

    func delete(_ number: Int) throws(FileError) {
        state.withLock { state in
            state.segments[number] = nil
            state.deleted.append(number)
        }
    }

    func list() throws(FileError) -> [Int] { segments.keys.sorted() }
    func read(_ number: Int) throws(FileError) -> [UInt8] { segments[number] ?? [] }

    func truncate(_ number: Int, to bytes: Int) throws(FileError) {
        state.withLock { $0.segments[number]?.removeSubrange(bytes...) }
    }
}
