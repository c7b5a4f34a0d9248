import ArgumentParser
import NIOCore
import STOMP
import Testing

@testable import muster_bench

struct StompPlanTests {
    @Test(
        "the load generator understands what it is told",
        arguments: BrokerRate.transient + [BrokerRate.fanOut] + BrokerRate.persistent)
    func isUnderstood(rate: BrokerRate) throws {
        let words = rate.plan(61613).arguments
        _ = try StompCommand.parse(Array(words.dropFirst()))
        #expect(words.first == StompCommand.configuration.commandName)
    }

    @Test func idleAndPacedPlansAreUnderstoodToo() throws {
        for pace in [StompPlan.Pace.idle, .perSecond(1000)] {
            _ = try StompCommand.parse(Array(StompPlan(port: 1, pace: pace).arguments.dropFirst()))
        }
    }

    @Test func onlyConfirmationsCountWithoutSubscribers() {
        let plan = StompPlan(port: 1, subscribers: 0)
        #expect(throws: (any Error).self) { try StompCommand.parse(Array(plan.arguments.dropFirst())) }
    }

    @Test func messagesHaveTheirSizeAndNoNUL() {
        let plan = StompPlan(port: 1, isPersistent: true)
        for beginning in ["", "123456789"] {
            let message = plan.message(to: "/queue/q", beginning: beginning)
            #expect(message.body.readableBytes == StompPlan.bodyBytes)
            #expect(!message.body.readableBytesView.contains(0))
            #expect(message.headers["receipt"] == "r")
            #expect(message.headers["persistent"] == "true")
        }
        #expect(StompPlan(port: 1).message(to: "/queue/q").headers["receipt"] == nil)
    }

    @Test func theOutcomeIsReadAsItIsWritten() throws {
        var outcome = try #require(StompOutcome("messages=300 seconds=1.5 total=400 server=RabbitMQ/3.10.8"))
        #expect(outcome.rate == 200)
        #expect(outcome.p99 == nil)
        outcome.take(latencies: (1...1000).map { $0 * 1000 })
        #expect(outcome.p99 == 0.991)
        #expect(StompOutcome(outcome.line) == outcome)
        #expect(StompOutcome("the broker closed a connection") == nil)
    }
}
