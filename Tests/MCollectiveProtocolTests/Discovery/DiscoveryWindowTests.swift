import MCollectiveProtocol
import Testing

struct DiscoveryWindowTests {
    @Test("nobody known: the whole time, whoever answers")
    func fixed() {
        var window = DiscoveryWindow(limit: .seconds(2))
        window.received(from: "a", at: .milliseconds(5))
        #expect(window.end == .seconds(2))
    }

    @Test("all known have answered: a grace for newcomers, from the last of them")
    func adaptive() {
        var window = DiscoveryWindow(limit: .seconds(2), known: ["a", "b"], grace: .milliseconds(50))
        window.received(from: "b", at: .milliseconds(5))
        #expect(window.end == .seconds(2))
        window.received(from: "new", at: .milliseconds(6))
        window.received(from: "b", at: .milliseconds(7))
        #expect(window.end == .seconds(2))
        window.received(from: "a", at: .milliseconds(30))
        #expect(window.end == .milliseconds(80))
        window.received(from: "newer", at: .milliseconds(60))
        #expect(window.end == .milliseconds(80))
    }

    @Test("nobody there the last time: newcomers have a little, and no more")
    func empty() {
        var window = DiscoveryWindow(limit: .seconds(2), known: [], grace: .milliseconds(50))
        #expect(window.end == .milliseconds(200))
        window.received(from: "new", at: .milliseconds(30))
        #expect(window.end == .milliseconds(200))
    }

    @Test("the grace never makes the window longer than it is")
    func limited() {
        var window = DiscoveryWindow(limit: .seconds(1), known: ["a"], grace: .milliseconds(50))
        window.received(from: "a", at: .milliseconds(990))
        #expect(window.end == .seconds(1))
    }
}
