import MusterCore
import Testing

@testable import MusterCLI

@Suite struct SaltKeyTests {
    private let store = FakeController { state in
        state.keys = [
            KeyEntry(node: NodeID("web1")!, state: .accepted, fingerprint: "aa:01"),
            KeyEntry(node: NodeID("db1")!, state: .accepted, fingerprint: "aa:02"),
            KeyEntry(node: NodeID("new1")!, state: .pending, fingerprint: "aa:03"),
            KeyEntry(node: NodeID("new2")!, state: .pending, fingerprint: "aa:04"),
            KeyEntry(node: NodeID("bad")!, state: .rejected, fingerprint: "aa:05"),
        ]
    }

    @Test func listsAllKeysUnderHeadings() async {
        let done = await run("-L", as: "salt-key", on: store)
        #expect(
            done.output == """
                Accepted Keys:
                db1
                web1
                Denied Keys:
                Unaccepted Keys:
                new1
                new2
                Rejected Keys:
                bad

                """)
        #expect(await run(as: "salt-key", on: store).output == done.output)
    }

    @Test func listsOneState() async {
        #expect(await run("-l", "un", as: "salt-key", on: store).output == "Unaccepted Keys:\nnew1\nnew2\n")
        #expect(
            await run("-l", "acc", "--out=json", "--out-indent=-1", as: "salt-key", on: store).output
                == "{\"minions\": [\"db1\", \"web1\"]}\n")
    }

    @Test func acceptsWithoutAsking() async {
        let done = await run("-A", "-y", as: "salt-key", on: store)
        #expect(
            done.output == """
                The following keys are going to be accepted:
                Unaccepted Keys:
                new1
                new2
                Key for minion new1 accepted.
                Key for minion new2 accepted.

                """)
        #expect(
            store.changes == [KeyChange(action: .accept, match: ["new1", "new2"], states: [.pending], user: "tester")])
    }

    @Test(
        "asks before it changes keys",
        arguments: [
            (["-a", "new1"], "n", 0), (["-a", "new1"], "", 1), (["-d", "web1"], "", 0), (["-d", "web1"], "y", 1),
        ] as [([String], String, Int)])
    func asks(words: [String], answer: String, changes: Int) async {
        let console = RecordingConsole(input: [answer])
        let status = await MusterCLI.run(["salt-key"] + words, in: .test(store, console))
        #expect(status == 0)
        #expect(console.diagnostics.hasPrefix("Proceed? ["))
        #expect(store.changes.count == changes)
    }

    @Test func deletesInAnyState() async {
        let done = await run("-d", "*1,bad", "-y", as: "salt-key", on: store)
        #expect(
            done.output == """
                The following keys are going to be deleted:
                Accepted Keys:
                db1
                web1
                Unaccepted Keys:
                new1
                Rejected Keys:
                bad
                Key for minion new1 deleted.
                Key for minion bad deleted.
                Key for minion db1 deleted.
                Key for minion web1 deleted.

                """)
    }

    @Test func saysWhatDoesNotMatch() async {
        #expect(
            await run("-a", "nope", "--include-rejected", "--include-denied", as: "salt-key", on: store).output
                == "The key glob 'nope' does not match any unaccepted, rejected or denied keys.\n")
    }

    @Test func printsFingerprints() async {
        #expect(
            await run("-f", "new*", as: "salt-key", on: store).output
                == "Unaccepted Keys:\nnew1:  aa:03\nnew2:  aa:04\n")
        #expect(await run("-F", as: "salt-key", on: store).output.contains("Local Keys:\nmaster.pub:  ff:ee\n"))
    }
}
