import Testing

@testable import muster_bench

struct SimulatorLineTests {
    @Test func readsWhatIsUsed() throws {
        let line = try #require(SimulatorLine(#"{"event":"signed-in","nodes":1000,"seconds":0.5,"more":[1]}"#))
        #expect(line.event == "signed-in")
        #expect(line.nodes == 1000)
        #expect(line.seconds == 0.5)
        #expect(try #require(SimulatorLine(#"{"event":"counts"}"#)).nodes == nil)
    }

    @Test("takes nothing else for a line", arguments: ["", "warning: x", "{", #"{"nodes":1}"#, "[1]"])
    func refuses(_ text: String) {
        #expect(SimulatorLine(text) == nil)
    }
}
