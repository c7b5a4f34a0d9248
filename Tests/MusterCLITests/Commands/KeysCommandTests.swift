import MusterCore
import Testing

@testable import MusterCLI

@Suite struct KeysCommandTests {
    private let store = FakeController { state in
        state.keys = [
            KeyEntry(node: NodeID("web[1]")!, state: .pending, fingerprint: "aa:01"),
            KeyEntry(node: NodeID("web2")!, state: .accepted, fingerprint: "aa:02"),
        ]
    }

    @Test func listsKeysByState() async {
        #expect(
            await run("keys", on: store).output
                == "NODE    STATE     FINGERPRINT\nweb2    accepted  aa:02\nweb[1]  pending   aa:01\n")
        #expect(
            await run("keys", "list", "pending", "--json", on: store).output
                == "{\"node\": \"web[1]\", \"state\": \"pending\", \"fingerprint\": \"aa:01\"}\n")
    }

    @Test func changesExactlyTheKeysItFound() async {
        let done = await run("keys", "accept", "web*", "-y", on: store)
        #expect(done.output == "web[1]: accepted\n")
        #expect(store.changes == [KeyChange(action: .accept, match: ["web[[]1]"], states: [.pending], user: "tester")])
    }

    @Test func asksOnATerminal() async {
        let done = await run("keys", "delete", "web2", on: store, console: RecordingConsole(input: ["no"]))
        #expect(done.status == 5)
        #expect(store.changes.isEmpty)
        #expect(done.diagnostics == "web2  accepted  aa:02\nReally delete this key? [N/y] ")
        #expect(await run("keys", "delete", "web2", on: store, console: RecordingConsole(input: ["y"])).status == 0)
        #expect(store.changes.count == 1)
    }

    @Test func saysThatNothingMatches() async {
        let done = await run("keys", "accept", "web2", "-y", on: store)
        #expect(done.status == 4)
        #expect(done.diagnostics == "muster: no pending key matches web2: 'muster keys list' shows them all\n")
    }

    @Test func printsFingerprints() async {
        #expect(await run("keys", "finger", on: store).output == "ff:ee\n")
        #expect(await run("keys", "finger", "web2", on: store).output == "web2  aa:02\n")
    }

    @Test func namesTheFlagForKeysInOtherStates() async {
        let rejected = await run("keys", "reject", "web2", "-y", on: store)
        #expect(rejected.status == 4)
        #expect(
            rejected.diagnostics
                == "muster: no pending key matches web2: of those that are accepted it would, add --include-accepted\n")
        #expect(await run("keys", "delete", "none", "-y", on: store).diagnostics.hasSuffix("shows them all\n"))
    }
}
