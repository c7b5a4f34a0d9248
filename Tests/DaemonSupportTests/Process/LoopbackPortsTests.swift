import DaemonSupport
import Testing

@Suite struct LoopbackPortsTests {
    @Test func areDifferentAndNobodyListens() throws {
        let ports = try LoopbackPorts.free(20)
        #expect(Set(ports).count == 20)
        #expect(ports.allSatisfy { (10_000..<32_000).contains($0) })
        #expect(!LoopbackPorts.isAnswered(ports[0]))
    }
}
