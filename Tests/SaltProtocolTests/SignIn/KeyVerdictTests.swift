import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct KeyVerdictTests {
    static let offered = Result { try PrivateKey.generate(bits: 1024).publicKey }
    static let other = Result { try PrivateKey.generate(bits: 1024).publicKey }

    enum Stored: CaseIterable {
        case nothing, sameKey, otherKey, garbage
    }

    struct Case: CustomTestStringConvertible, Sendable {
        var state: StoredKey.State?
        var content: Stored = .sameKey
        var isAutorejected = false
        var autosign: AutosignReason?
        var isOpen = false
        var isFull = false
        var isCrowded = false
        var expected: KeyVerdict
        var testDescription: String { "\(self)" }
    }

    static let cases: [Case] = [
        // Nothing stored
        Case(state: nil, expected: .newlyPending),
        Case(state: nil, autosign: .everyKey, expected: .autosigned(.everyKey)),
        Case(state: nil, isAutorejected: true, autosign: .everyKey, expected: .autorejected),
        // Pending
        Case(state: .pending, expected: .stillPending),
        Case(state: .pending, content: .otherKey, expected: .denied),
        Case(state: .pending, autosign: .stub, expected: .autosigned(.stub)),
        Case(state: .pending, content: .otherKey, autosign: .file, expected: .denied),
        Case(state: .pending, content: .otherKey, isAutorejected: true, expected: .autorejected),
        Case(state: .pending, isAutorejected: true, autosign: .file, expected: .autorejected),
        Case(state: .pending, content: .garbage, expected: .storedKeyUnreadable),
        // Accepted
        Case(state: .accepted, expected: .known),
        Case(state: .accepted, content: .otherKey, expected: .denied),
        Case(state: .accepted, content: .otherKey, autosign: .everyKey, expected: .denied),
        Case(state: .accepted, isAutorejected: true, expected: .known),
        Case(state: .accepted, content: .garbage, expected: .storedKeyUnreadable),
        Case(state: .accepted, content: .nothing, expected: .storedKeyUnreadable),
        // Rejected
        Case(state: .rejected, expected: .rejected),
        Case(state: .rejected, content: .otherKey, autosign: .everyKey, expected: .rejected),
        // Open mode
        Case(state: nil, isOpen: true, expected: .overwritten),
        Case(state: .accepted, isOpen: true, expected: .known),
        Case(state: .accepted, content: .otherKey, isOpen: true, expected: .overwritten),
        Case(state: .rejected, isOpen: true, expected: .overwritten),
        Case(state: .pending, content: .garbage, isOpen: true, expected: .overwritten),
        // Full
        Case(state: nil, autosign: .everyKey, isFull: true, expected: .full),
        Case(state: .accepted, isFull: true, expected: .full),
        // Too many wait
        Case(state: nil, isCrowded: true, expected: .crowded),
        Case(state: nil, autosign: .file, isCrowded: true, expected: .autosigned(.file)),
        Case(state: nil, isAutorejected: true, isCrowded: true, expected: .rejected),
        Case(state: .pending, isCrowded: true, expected: .stillPending),
        Case(state: .accepted, isCrowded: true, expected: .known),
        Case(state: .accepted, content: .otherKey, isCrowded: true, expected: .denied),
    ]

    @Test("judges a key", arguments: cases)
    func judges(_ example: Case) throws {
        #expect(try verdict(example) == example.expected)
    }

    private func verdict(_ example: Case) throws -> KeyVerdict {
        let offered = try KeyVerdictTests.offered.get()
        let text =
            switch example.content {
            case .nothing: ""
            case .sameKey: "\n" + offered.pem.split(separator: "\n").joined(separator: "\r\n") + "\n"
            case .otherKey: try KeyVerdictTests.other.get().pem
            case .garbage: "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"
            }
        let standing = KeyStanding(
            stored: example.state.map { StoredKey($0, pem: text) }, isAutorejected: example.isAutorejected,
            autosign: example.autosign, isOpen: example.isOpen, isFull: example.isFull, isCrowded: example.isCrowded)
        return KeyVerdict(offered: offered, standing: standing)
    }

    @Test("each verdict has its answer, its event and its change", arguments: cases)
    func decides(_ example: Case) throws {
        let key = try KeyVerdictTests.offered.get()
        let server = SignInServer(
            ControllerIdentity(
                key: try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem")), publishPort: 4505))
        let nonce = try Nonce.random()
        let verdict = example.expected
        let stored = example.state.map { StoredKey($0, pem: example.content == .sameKey ? key.pem : "x") }
        var standing = KeyStanding(
            stored: stored, isAutorejected: example.isAutorejected, autosign: example.autosign, isOpen: example.isOpen,
            isFull: example.isFull, isCrowded: example.isCrowded)
        if example.content == .otherKey { standing.stored?.pem = try KeyVerdictTests.other.get().pem }
        let decision = server.decide(SignInRequest(id: "web1", nonce: nonce, publicKey: key)) { _ in standing }
        #expect(decision.verdict == verdict)
        #expect(decision.node == NodeID("web1"))
        func refused(_ reason: SignInRefusal.Reason) -> SignInDecision.Answer {
            .refuse(.signed(reason, nonce, .pkcs1v15SHA1))
        }
        switch verdict {
        case .known, .autosigned, .overwritten:
            guard case .grant(let grant) = decision.answer else {
                Issue.record("not granted")
                return
            }
            #expect(grant.key == key && grant.id == NodeID("web1") && grant.nonce == nonce)
            #expect(decision.event?.act == .accept)
        case .newlyPending, .stillPending:
            #expect(decision.answer == refused(.pending) && decision.event?.act == .pend)
        case .rejected, .autorejected:
            #expect(decision.answer == refused(.rejected) && decision.event?.act == .reject)
        case .denied:
            #expect(decision.answer == refused(.rejected) && decision.event?.act == .denied)
        case .full, .crowded:
            #expect(decision.answer == refused(.full) && decision.event?.act == .full)
        case .storedKeyUnreadable:
            #expect(decision.answer == refused(.rejected) && decision.event?.act == .error)
        }
        let change: KeyStoreChange? =
            switch verdict {
            case .autosigned(let reason): .accept(key, usesUpStub: reason == .stub)
            case .overwritten: .accept(key, usesUpStub: false)
            case .newlyPending: .pend(key)
            case .autorejected: .reject(key)
            case .denied: .deny(key)
            case .known, .stillPending, .rejected, .full, .crowded, .storedKeyUnreadable: nil
            }
        #expect(decision.change == change)
    }

    @Test func tellsOfAKeyAsSaltDoes() throws {
        let key = try KeyVerdictTests.offered.get()
        let id = try #require(NodeID("web1"))
        let event = SignInEvent(id: id, key: key, act: .denied).event(at: Timestamp(seconds: 5))
        #expect(event.tag == "salt/auth")
        #expect(event.data == ["result": false, "act": "denied", "id": "web1", "pub": .string(key.pem)])
        #expect(SignInEvent(id: id, key: key, act: .pend).event(at: event.time).data["result"] == true)
    }

    // MARK: Rules

    @Test(
        "matches ids by shell pattern, else by regular expression over the whole id",
        arguments: [
            ("web*", "web1.example.org", true), ("web*", "db1", false), ("web?", "web12", false),
            ("web[0-9]+", "web12", true), ("web[0-9]+", "xweb12", false), ("web[0-9]+", "web12x", false),
            ("web|db", "db", true), ("web|db", "web1", false), ("WEB1", "web1", false), ("(", "web1", false),
            ("(", "(", true),
            ("  web1\t", "web1", true), ("# web1", "web1", false), ("", "web1", false), ("a\nweb1\nb", "web1", true),
            ("a\r\nweb1\r\n", "web1", true),
        ])
    func matchesRules(_ text: String, _ id: String, _ expected: Bool) throws {
        #expect(AutosignRules(text: text).matches(try #require(NodeID(id))) == expected)
    }

    @Test func grainValuesAreComparedWhole() {
        let rules = AutosignRules(text: "# serials\n4711\n  True \n")
        #expect(rules.contains(grainValue: "4711") && rules.contains(grainValue: "True"))
        #expect(!rules.contains(grainValue: "471") && !rules.contains(grainValue: "# serials"))
    }
}
