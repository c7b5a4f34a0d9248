import Testing

@testable import muster_bench

struct MachineTests {
    @Test func readsFieldsOfProc() {
        let processors = "processor\t: 0\nmodel name\t: Example(R) 3000: fast\nflags\t\t: fpu\n"
        #expect(Machine.field("model name", in: processors) == "Example(R) 3000: fast")
        #expect(Machine.field("MemTotal", in: "MemTotal:        8000 kB\n") == "8000 kB")
        #expect(Machine.field("absent", in: processors) == nil)
    }

    @Test func readsTheVersionOfSwift() {
        #expect(Machine.swiftVersion("Swift version 6.3.1 (swift-6.3.1-RELEASE)\nTarget: x") == "6.3.1")
        #expect(Machine.swiftVersion("no such file") == nil)
    }
}
