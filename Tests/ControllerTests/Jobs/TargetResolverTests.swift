import MusterCore
import MusterTestSupport
import SaltProtocol
import Testing

@testable import Controller

@Suite struct TargetResolverTests {
    let store: TestStore
    let directory: TestDirectory
    let keys: KeyStore
    let resolver: TargetResolver

    init() async throws {
        store = try TestStore()
        directory = try TestDirectory()
        keys = try KeyStore(directory: directory.file("pki"), keyBits: 1024)
        for name in ["db1", "new1", "web1", "web2"] {
            try keys.store(Make.keys[0].publicKey.pem, of: Make.node(name), as: .accepted)
        }
        try keys.store(Make.keys[0].publicKey.pem, of: Make.node("pending1"), as: .pending)
        let facts: [(String, ValueMap)] = [
            ("web1", ["os": "Debian", "ipv4": ["10.0.0.1"]]), ("web2", ["os": "Arch", "ipv4": ["10.0.0.2"]]),
            ("db1", ["os": "Debian", "ipv4": ["10.1.0.1"]]), ("pending1", ["os": "Debian"]),
            ("gone1", ["os": "Debian"]),
        ]
        try await store.commit(facts.map { .facts(Make.node($0.0), Make.facts($0.1), at: TestClock.start) })
        let groups = ["webs": "web*", "debian": "G@os:Debian and not db1"]
        resolver = TargetResolver(
            keys: keys, store: store,
            pillar: try TargetedPillar(
                [
                    .init(target: "web*", data: ["role": "web"]),
                    .init(target: "G@os:Debian", data: ["distro": "debian"]),
                ], nodegroups: groups), nodegroups: groups)
    }

    @Test(
        "a target means accepted nodes; who cannot be judged is told apart",
        arguments: [
            (Target(.glob, "*"), ["db1", "new1", "web1", "web2"], []), (Target(.glob, "web*"), ["web1", "web2"], []),
            (Target(.pcre, "web\\d"), ["web1", "web2"], []), (Target(.list, "web1, db1"), ["db1", "web1"], []),
            (Target(.facts, "os:Debian"), ["db1", "web1"], ["new1"]),
            (Target(.address, "10.0.0.0/24"), ["web1", "web2"], ["new1"]),
            (Target(.pillar, "role:web"), ["web1", "web2"], ["new1"]),
            (Target(.pillar, "distro:debian"), ["db1", "web1"], ["new1"]),
            (Target(.nodegroup, "webs"), ["web1", "web2"], []), (Target(.nodegroup, "debian"), ["web1"], ["new1"]),
            (Target(.compound, "new1 or G@os:Arch"), ["new1", "web2"], []), (Target(.glob, "pending1"), [], []),
        ] as [(Target, [String], [String])])
    func resolves(_ target: Target, _ nodes: [String], _ unjudged: [String]) async throws {
        let resolution = try await resolver.resolve(target)
        #expect(resolution.nodes.map(\.text) == nodes)
        #expect(resolution.unjudged.map(\.text) == unjudged)
        #expect(resolution.missing.isEmpty)
    }

    @Test("ids given by name without an accepted key are missing")
    func missing() async throws {
        let resolution = try await resolver.resolve(Target(.list, "web1,nobody,pending1"))
        #expect(resolution.nodes == Make.nodes("web1") && resolution.missing == ["nobody", "pending1"])
    }

    @Test("a key that another program accepted counts at once")
    func externalKey() async throws {
        try Files.move("\(keys.directory)/minions_pre/pending1", to: "\(keys.directory)/minions/pending1")
        #expect(try await resolver.resolve(Target(.glob, "pending*")).nodes == Make.nodes("pending1"))
    }

    @Test(
        "what cannot be read is refused with its reason",
        arguments: [
            Target(.compound, "web* and"), Target(.nodegroup, "nobody"), Target(.address, "10.0.0.1/8"),
            Target(.pcre, "("),
        ])
    func invalid(_ target: Target) async throws {
        let error = await #expect(throws: ControllerError.self) { _ = try await resolver.resolve(target) }
        #expect(error?.code == "invalid-target")
    }

    @Test("a nodegroup is published as what it stands for")
    func published() throws {
        #expect(try resolver.published(Target(.nodegroup, "webs")) == Target(.compound, "web*"))
        #expect(try resolver.published(Target(.glob, "*")) == Target(.glob, "*"))
        #expect(throws: ControllerError.self) { _ = try resolver.published(Target(.nodegroup, "nobody")) }
    }
}
