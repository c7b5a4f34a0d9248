import MusterCore
import MusterTestSupport
import SaltProtocol
import Testing

@testable import Controller

@Suite struct KeyStoreTests {
    let directory: TestDirectory
    let pki: String
    let keys: KeyStore
    let web1 = Make.node("web1")
    let web2 = Make.node("web2")
    let pems = Make.keys.map(\.publicKey.pem)

    init() throws {
        directory = try TestDirectory()
        pki = directory.file("pki")
        keys = try KeyStore(directory: pki, keyBits: 1024)
    }

    /// What another program does.
    private func place(_ key: Int, _ path: String) throws {
        try Files.write(Array((pems[key] + "\n").utf8), to: "\(pki)/\(path)")
    }

    // MARK: The controller's own pair

    @Test("a new directory gets Salt's layout, with a pair that others cannot read")
    func layout() throws {
        let directories = ["minions", "minions_autosign", "minions_denied", "minions_pre", "minions_rejected"]
        #expect(Files.list(pki) == (["master.pem", "master.pub"] + directories).sorted())
        #expect(Files.status("\(pki)/master.pem").map { $0.mode & 0o777 } == 0o400)
        #expect(Files.status(pki).map { $0.mode & 0o777 } == 0o700)
        let again = try KeyStore(directory: pki)
        #expect(again.own.publicKey == keys.own.publicKey)
    }

    @Test("an existing pair is used as it is, its public half made when missing")
    func existingPair() throws {
        let other = directory.file("other")
        try Files.makeDirectory(other)
        try Files.write(Array(Make.keys[0].secretPEM().utf8), to: "\(other)/master.pem", mode: 0o400)
        #expect(try KeyStore(directory: other).own.publicKey == Make.keys[0].publicKey)
        #expect(try Files.text("\(other)/master.pub") == pems[0] + "\n")
    }

    @Test("a pair that cannot be trusted is refused with the remedy")
    func badPairs() throws {
        func store(_ secret: [UInt8]?, mode: UInt32 = 0o400, _ open: String?) throws -> KeyStoreError? {
            let path = directory.file("bad")
            try Files.makeDirectory(path)
            try Files.remove("\(path)/master.pem")
            try Files.remove("\(path)/master.pub")
            if let secret { try Files.write(secret, to: "\(path)/master.pem", mode: mode) }
            if let open { try Files.write(Array(open.utf8), to: "\(path)/master.pub") }
            return #expect(throws: KeyStoreError.self) { _ = try KeyStore(directory: path) }
        }
        let (secret, path) = (Array(try Make.keys[0].secretPEM().utf8), directory.file("bad"))
        #expect(try store(secret, mode: 0o440, pems[0]) == .exposedPrivateKey("\(path)/master.pem"))
        #expect(try store(nil, pems[0]) == .publicKeyWithoutPrivate("\(path)/master.pub"))
        #expect(try store(secret, pems[1]) == .foreignPublicKey("\(path)/master.pub"))
        #expect(try store(secret, "rubbish") == .foreignPublicKey("\(path)/master.pub"))
        guard case .damagedPrivateKey? = try store(Array(secret.dropLast(200)), pems[0]) else {
            Issue.record("a damaged key was taken")
            return
        }
    }

    // MARK: States

    @Test("a key is in one state, wherever it is moved to")
    func moves() throws {
        try keys.store(pems[0], of: web1, as: .pending)
        for state in [KeyState.accepted, .rejected, .pending, .accepted] {
            let before = keys.generation
            #expect(try keys.move(web1, to: state))
            #expect(keys.state(of: web1) == state && keys.generation > before)
            #expect(keys.stored(web1) == .init(state: state, pem: pems[0]))
            #expect((keys.acceptedKey(of: web1) == Make.keys[0].publicKey) == (state == .accepted))
            #expect(keys.entries().map(\.state) == [state])
        }
        #expect(keys.acceptedNodes == [web1] && keys.count(.accepted) == 1 && keys.count(.pending) == 0)
        #expect(try !keys.move(web2, to: .accepted))
        #expect(try keys.delete(web1))
        #expect(try !keys.delete(web1))
        #expect(keys.state(of: web1) == nil && keys.acceptedKey(of: web1) == nil && keys.entries().isEmpty)
    }

    @Test("a denied key lies beside the node's own, is listed, and can be accepted in its place")
    func denied() throws {
        try keys.store(pems[0], of: web1, as: .accepted)
        try keys.store(pems[1], of: web1, as: .denied)
        #expect(keys.state(of: web1) == .accepted)
        #expect(keys.acceptedKey(of: web1) == Make.keys[0].publicKey)
        let entries = keys.entries()
        #expect(entries.map(\.state) == [.accepted, .denied])
        #expect(entries[0].fingerprint != entries[1].fingerprint)
        #expect(try keys.delete(web1, from: .denied))
        #expect(keys.entries().map(\.state) == [.accepted])
        try keys.store(pems[1], of: web1, as: .denied)
        #expect(try keys.move(web1, from: .denied, to: .accepted))
        #expect(keys.acceptedKey(of: web1) == Make.keys[1].publicKey)
        #expect(keys.entries().map(\.state) == [.accepted])
    }

    @Test("deleting takes every key of the id")
    func deletesAll() throws {
        try keys.store(pems[0], of: web1, as: .accepted)
        try keys.store(pems[1], of: web1, as: .denied)
        #expect(try keys.delete(web1))
        #expect(keys.entries().isEmpty)
        #expect(try KeyStore(directory: pki).entries().isEmpty)
    }

    @Test("a denied key changes nothing for who caches sessions")
    func deniedKeepsTheGeneration() throws {
        try keys.store(pems[0], of: web1, as: .accepted)
        _ = keys.acceptedKey(of: web1)
        let before = keys.generation
        try keys.store(pems[1], of: web1, as: .denied)
        #expect(keys.generation == before)
    }

    // MARK: What cannot be read now

    @Test("a directory that cannot be listed leaves the keys as they were, and the next look finds what came")
    func unlistable() throws {
        try keys.store(pems[0], of: web1, as: .accepted)
        try Files.move("\(pki)/minions", to: "\(pki)/aside")
        // As good as no descriptor to open the directory with.
        try Files.write([], to: "\(pki)/minions")
        keys.rescan()
        keys.refresh()
        #expect(keys.state(of: web1) == .accepted)
        try Files.remove("\(pki)/minions")
        try Files.move("\(pki)/aside", to: "\(pki)/minions")
        try place(1, "minions/web2")
        keys.rescan()
        #expect(keys.acceptedNodes == [web1, web2])
    }

    @Test("a key that is there and cannot be read is no stranger's")
    func unreadable() throws {
        try keys.store(pems[0], of: web1, as: .accepted)
        #expect(try keys.readable(web1) == .init(state: .accepted, pem: pems[0]))
        #expect(try keys.readable(web2) == nil)
        try Files.remove("\(pki)/minions/web1")
        #expect(try keys.readable(web1) == nil, "it has just gone")
        try Files.makeDirectory("\(pki)/minions/web1")
        #expect(throws: FileError.self) { _ = try keys.readable(web1) }
    }

    // MARK: Other programs

    @Test("what another program does is seen at the next refresh")
    func external() throws {
        try place(0, "minions_pre/web1")
        keys.refresh()
        #expect(keys.state(of: web1) == .pending)
        try Files.move("\(pki)/minions_pre/web1", to: "\(pki)/minions/web1")
        keys.refresh()
        #expect(keys.acceptedKey(of: web1) == Make.keys[0].publicKey)
        try Files.remove("\(pki)/minions/web1")
        keys.refresh()
        #expect(keys.state(of: web1) == nil && keys.acceptedKey(of: web1) == nil)
    }

    @Test("a newcomer's key does not take the place of one that another program judged since the last look")
    func keepsWhatWasJudgedMeanwhile() throws {
        for (node, state) in [(web1, KeyState.accepted), (web2, .rejected)] {
            try place(0, "\(state.directoryName)/\(node)")
            try keys.store(pems[0], of: node, as: .pending)
            #expect(keys.state(of: node) == state)
            #expect(Files.status("\(pki)/minions_pre/\(node)") == nil)
        }
    }

    @Test("a key that was replaced by another of the same id is not taken for the old one")
    func replaced() throws {
        try place(0, "minions/web1")
        keys.rescan()
        #expect(keys.acceptedKey(of: web1) == Make.keys[0].publicKey)
        let before = keys.generation
        try Files.remove("\(pki)/minions/web1")
        try place(1, "minions/web1")
        keys.rescan()
        #expect(keys.acceptedKey(of: web1) == Make.keys[1].publicKey && keys.generation > before)
    }

    @Test("a change of our own does not hide one of another program")
    func ownAndForeign() throws {
        try place(0, "minions_pre/web1")
        try keys.store(pems[1], of: web2, as: .pending)
        keys.refresh()
        #expect(keys.state(of: web1) == .pending && keys.state(of: web2) == .pending)
    }

    @Test("hidden files, foreign names and half-written files are no keys")
    func foreignFiles() throws {
        for name in [".key_cache", ".incoming", ".web9.swp"] { try Files.write([1], to: "\(pki)/minions/\(name)") }
        keys.rescan()
        #expect(keys.entries().isEmpty)
    }

    @Test("an id in several directories counts where Salt looks first")
    func several() throws {
        for (index, directory) in ["minions_pre", "minions", "minions_rejected"].enumerated() {
            try place(index, "\(directory)/web1")
            keys.rescan()
            #expect(keys.state(of: web1) == [.pending, .accepted, .rejected][index])
        }
        #expect(try keys.move(web1, to: .accepted))
        #expect(try KeyStore(directory: pki).state(of: web1) == .accepted)
    }

    @Test("a damaged key file is no key, and does not keep the others from being listed")
    func damaged() throws {
        try Files.write(Array("rubbish".utf8), to: "\(pki)/minions/web1")
        try place(1, "minions/web2")
        keys.rescan()
        #expect(keys.acceptedKey(of: web1) == nil)
        #expect(keys.entries().map(\.node) == [web1, web2])
        try place(0, "minions/web1")
        #expect(keys.acceptedKey(of: web1) == Make.keys[0].publicKey)
    }

    @Test("stored keys are normalised, whatever the line ends and the white space")
    func normalised() throws {
        let text = "\r\n" + pems[0].split(separator: "\n").joined(separator: "\r\n") + "\r\n\r\n"
        try keys.store(text, of: web1, as: .accepted)
        #expect(try Files.text("\(pki)/minions/web1") == pems[0])
    }

    @Test("changes from many threads leave files and index of one mind")
    func concurrency() async throws {
        let nodes = Make.numbered(20)
        let (keys, pems) = (keys, pems)
        await withTaskGroup { group in
            for worker in 0..<8 {
                group.addTask {
                    for (number, node) in nodes.enumerated() {
                        let state = KeyState.allCases[(worker + number) % 4]
                        #expect(throws: Never.self) {
                            try keys.store(pems[worker % 4], of: node, as: state)
                            if number % 5 == worker % 5 { _ = try keys.delete(node) }
                        }
                        keys.refresh()
                        _ = keys.acceptedKey(of: node)
                    }
                }
            }
        }
        let fresh = try KeyStore(directory: pki)
        for node in nodes {
            #expect(keys.state(of: node) == fresh.state(of: node))
            #expect(keys.acceptedKey(of: node) == fresh.acceptedKey(of: node))
        }
        #expect(keys.entries() == fresh.entries())
    }

    // MARK: Stubs

    @Test("an autosign stub accepts once, while it is young")
    func stubs() throws {
        let path = "\(pki)/minions_autosign/web1"
        #expect(!keys.takeAutosignStub(web1, youngerThan: .seconds(60), now: .now))
        try Files.write([], to: path)
        #expect(keys.takeAutosignStub(web1, youngerThan: .seconds(60), now: .now))
        #expect(!keys.takeAutosignStub(web1, youngerThan: .seconds(60), now: .now))
        try Files.write([], to: path)
        #expect(!keys.takeAutosignStub(web1, youngerThan: .seconds(60), now: .now + .seconds(61)))
        #expect(Files.status(path) == nil)
    }
}
