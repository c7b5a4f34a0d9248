import MusterCore
import NIOCore
import MusterTestSupport
import Testing

@testable import BusTransport

/// Who gets in and who goes when all places are taken.
@Suite struct ConnectionTableTests {
    private typealias Table = ConnectionTable<Int, String>

    private func table(_ limit: Int, patience: TimeAmount = .seconds(1)) -> Table {
        Table(limit: limit, patience: patience)
    }

    private func second(_ second: Int64) -> NIODeadline { .uptimeNanoseconds(0) + .seconds(second) }

    @Test func oneAddressMayHoldAllPlacesWhileNobodyElseWantsThem() {
        var table = table(3)
        for id in 1...3 {
            #expect(table.admit(id, from: "nat", at: second(0)) == .admitted)
            table.established(id)
        }
        #expect(table.count == 3)
        #expect(table.admit(4, from: "nat", at: second(9)) == .refused)
        #expect(table.count == 3)
    }

    @Test func theOldestThatDoesNotEndItsHandshakeGoesFirst() {
        var table = table(3)
        for id in 1...3 { _ = table.admit(id, from: "flood", at: second(Int64(id))) }
        table.established(1)
        #expect(table.admit(4, from: "flood", at: second(3)) == .displacing(2))
        // The others have not had their second yet, and all are of one address.
        #expect(table.admit(5, from: "flood", at: second(3)) == .refused)
        #expect(table.count == 3)
    }

    @Test func whoHoldsMuchGivesWayToWhoHasLittleUntilTheyAreEven() {
        var table = table(4)
        for id in 1...4 {
            _ = table.admit(id, from: "flood", at: second(0))
            table.established(id)
        }
        #expect(table.admit(5, from: "a", at: second(9)) == .displacing(4))
        table.established(5)
        #expect(table.admit(6, from: "a", at: second(9)) == .displacing(3))
        table.established(6)
        // Two and two: nobody takes from the other.
        #expect(table.admit(7, from: "a", at: second(9)) == .refused)
        #expect(table.admit(8, from: "flood", at: second(9)) == .refused)
        #expect(table.admit(9, from: "b", at: second(9)) != .refused)
    }

    @Test func aPlaceIsFreeAgainWhenItsConnectionEndsAndTheEndOfADisplacedOneFreesNone() {
        var table = table(2)
        for (id, host) in [(1, "a"), (2, "b")] {
            _ = table.admit(id, from: host, at: second(0))
            table.established(id)
        }
        #expect(table.admit(3, from: "c", at: second(1)) == .refused)
        table.remove(2)
        #expect(table.admit(3, from: "c", at: second(1)) == .admitted)
        var slow = self.table(1)
        _ = slow.admit(1, from: "x", at: second(0))
        #expect(slow.admit(2, from: "y", at: second(1)) == .displacing(1))
        slow.remove(1)
        #expect(slow.count == 1)
        #expect(slow.admit(3, from: "z", at: second(1)) == .refused)
    }

    /// Against a model that looks at everything each time.
    @Test func keepsItsCountsRightOverManyComingsAndGoings() {
        var generator = SeededRandom(seed: 5)
        var table = table(50)
        var model: [Int: String] = [:]
        for id in 0..<20_000 {
            let host = "h\(Int.random(in: 0..<8, using: &generator))"
            switch table.admit(id, from: host, at: second(0)) {
            case .admitted:
                #expect(model.count < 50)
                model[id] = host
                table.established(id)
            case .displacing(let victim):
                let counts = Dictionary(grouping: model.values, by: \.self).mapValues(\.count)
                let loser = model.removeValue(forKey: victim)
                #expect(model.count == 49 && loser.flatMap { counts[$0] } == counts.values.max())
                #expect(loser.flatMap { counts[$0] } ?? 0 > (counts[host] ?? 0) + 1)
                model[id] = host
                table.established(id)
            case .refused:
                let counts = Dictionary(grouping: model.values, by: \.self).mapValues(\.count)
                #expect(model.count == 50 && (counts[host] ?? 0) + 1 >= counts.values.max() ?? 0)
            }
            if Int.random(in: 0..<3, using: &generator) == 0, let gone = model.keys.randomElement(using: &generator) {
                model[gone] = nil
                table.remove(gone)
            }
            #expect(table.count == model.count)
        }
    }

    @Test(
        "who shares an address",
        arguments: [
            ("10.0.0.1", "10.0.0.2", false), ("10.0.0.1", "::ffff:10.0.0.1", true),
            ("2001:db8::1", "2001:db8::ffff", true), ("2001:db8:0:1::1", "2001:db8:0:2::1", false),
        ])
    func hostGroups(_ left: String, _ right: String, _ isSame: Bool) throws {
        let groups = try [left, right].map { HostGroup(try SocketAddress(ipAddress: $0, port: 1)) }
        #expect((groups[0] == groups[1]) == isSame)
    }
}
