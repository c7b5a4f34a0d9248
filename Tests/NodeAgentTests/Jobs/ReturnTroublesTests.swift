import MusterCore
import NodeAgent
import Testing

@Suite struct ReturnTroublesTests {
    private func id(_ number: Int) -> JobID { JobID("20261121065700" + number.digits(6))! }

    @Test func aRefusedReturnIsGivenUpAtTheLimit() {
        var troubles = ReturnTroubles(limit: 3)
        #expect(troubles.note(.refused, to: id(1)).isEmpty)
        #expect(troubles.note(.refused, to: id(1)).isEmpty)
        #expect(troubles.note(.refused, to: id(2)).isEmpty)
        #expect(troubles.note(.refused, to: id(1)) == [id(1)])
        #expect(!troubles.isTroubled(id(1)) && troubles.isTroubled(id(2)))
    }

    @Test func silenceAloneNeverGivesAReturnUp() {
        var troubles = ReturnTroubles(limit: 2)
        for _ in 0..<10 {
            for job in troubles.round(of: [id(1), id(2)]) {
                guard !troubles.isMasterAway else { break }
                #expect(troubles.note(.silence, to: job).isEmpty)
            }
        }
    }

    @Test func silenceCountsWhenOthersGetThrough() {
        var troubles = ReturnTroubles(limit: 2)
        for round in 1...2 {
            #expect(troubles.note(.silence, to: id(1)).isEmpty)
            #expect(troubles.note(.taken, to: id(100 + round)) == (round == 2 ? [id(1)] : []))
            #expect(troubles.note(.taken, to: id(200 + round)).isEmpty)
        }
    }

    @Test func twoSilencesInARowEndTheRound() {
        var troubles = ReturnTroubles()
        _ = troubles.note(.silence, to: id(1))
        #expect(!troubles.isMasterAway)
        _ = troubles.note(.silence, to: id(2))
        #expect(troubles.isMasterAway)
        #expect(troubles.round(of: [id(1), id(2), id(3)]) == [id(3), id(1), id(2)])
        #expect(!troubles.isMasterAway)
    }

    @Test func thoseWithTroublesComeLast() {
        var troubles = ReturnTroubles()
        _ = troubles.note(.refused, to: id(1))
        _ = troubles.note(.refused, to: id(1))
        _ = troubles.note(.refused, to: id(2))
        #expect(troubles.round(of: [id(1), id(2), id(3), id(4)]) == [id(3), id(4), id(2), id(1)])
        #expect(troubles.round(of: [id(3)]) == [id(3)])
        #expect(!troubles.isTroubled(id(1)))
    }
}
