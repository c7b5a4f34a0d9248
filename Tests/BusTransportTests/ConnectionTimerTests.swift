import NIOCore
import Testing
import ZMTP

@testable import BusTransport

@Suite struct ConnectionTimerTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func timer() -> ConnectionTimer {
        var timer = ConnectionTimer(handshakeTimeout: .seconds(30))
        timer.started(at: start)
        return timer
    }

    private func isPing(_ action: ConnectionTimer.Action) -> Bool {
        if case .ping = action { true } else { false }
    }

    @Test func givesTheHandshakeUpAtItsTimeoutAndNotBefore() {
        var timer = timer()
        var action: ConnectionTimer.Action
        #expect(timer.deadline == start + .seconds(30))
        action = timer.fired(at: start + .seconds(29))
        #expect(action == .wait)
        #expect(timer.deadline == start + .seconds(30))
        timer.received(at: start + .seconds(29))
        action = timer.fired(at: start + .seconds(30))
        #expect(action == .close(.handshakeTimeout(after: .seconds(30))))
    }

    @Test func anOpenConnectionBeatsAndEndsWhenThePeerIsSilent() {
        var timer = timer()
        var action: ConnectionTimer.Action
        timer.opened(.init(interval: .seconds(10), timeout: .seconds(4)), at: start + .seconds(1))
        #expect(timer.deadline == start + .seconds(11))
        action = timer.fired(at: start + .seconds(11))
        #expect(isPing(action))
        #expect(timer.deadline == start + .seconds(15))
        timer.received(at: start + .seconds(12))
        // Woken too early after that: the next PING is what is waited for.
        action = timer.fired(at: start + .seconds(15))
        #expect(action == .wait)
        #expect(timer.deadline == start + .seconds(21))
        action = timer.fired(at: start + .seconds(21))
        #expect(isPing(action))
        action = timer.fired(at: start + .seconds(25))
        #expect(action == .close(.silent(for: .seconds(13))))
    }

    @Test func withoutAHeartbeatOnlyThePeersOwnPromiseCounts() {
        var timer = timer()
        var action: ConnectionTimer.Action
        timer.opened(nil, at: start)
        #expect(timer.deadline == nil)
        action = timer.fired(at: start + .hours(10))
        #expect(action == .wait)
        let asked = timer.receivedPing(timeToLive: .seconds(5), at: start + .hours(10))
        #expect(asked && timer.deadline == start + .hours(10) + .seconds(5))
        let again = timer.receivedPing(timeToLive: .seconds(5), at: start + .hours(10) + .seconds(1))
        #expect(!again, "the timer stays where it is")
        action = timer.fired(at: start + .hours(10) + .seconds(5))
        #expect(action == .wait)
        #expect(timer.deadline == start + .hours(10) + .seconds(6))
    }

    @Test func whatIsStoppedDoesNothing() {
        var timer = timer()
        var action: ConnectionTimer.Action
        timer.stop()
        #expect(timer.deadline == nil)
        action = timer.fired(at: start + .hours(1))
        #expect(action == .wait)
    }
}
