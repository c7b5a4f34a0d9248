import MusterCore
import Testing

@testable import DaemonSupport

@Suite struct StateLockTests {
    @Test func letsOneDaemonInAtATime() throws {
        let tree = try ConfigurationTree([:])
        let directory = tree.path("state")
        var first: StateLock? = try StateLock(directory: directory)
        #expect(throws: StateLockError(directory: directory)) { try StateLock(directory: directory) }
        withExtendedLifetime(first) {}
        first = nil
        _ = try StateLock(directory: directory)
    }

    @Test func namesTheRemedy() {
        #expect(
            "\(StateLockError(directory: "/var/lib/x"))"
                == "the state directory /var/lib/x is in use by another node: stop it, or give this one its own state_dir "
                + "and key_dir")
    }
}
