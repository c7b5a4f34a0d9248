import Glibc
import MusterCore
import MusterTestSupport
import NodeAgent
import SaltProtocol
import Testing

@Suite struct NodeKeysTests {
    let directory: TestDirectory
    init() throws { directory = try TestDirectory() }

    private var pki: String { "\(directory.path)/pki" }

    @Test func makesAKeyPairOnceInSaltsFiles() throws {
        let first = try NodeKeys(directory: pki, bits: 1024)
        #expect(Files.list(pki) == ["minion.pem", "minion.pub"])
        #expect(Files.status("\(pki)/minion.pem").map { $0.mode & 0o777 } == 0o400)
        #expect(Files.status("\(pki)/minion.pub").map { $0.mode & 0o777 } == 0o644)
        #expect(Files.status(pki).map { $0.mode & 0o777 } == 0o700)
        #expect(try Files.text("\(pki)/minion.pem").hasPrefix("-----BEGIN RSA PRIVATE KEY-----"))
        #expect(try NodeKeys.publicKey("\(pki)/minion.pub") == first.key.publicKey)
        #expect(try NodeKeys(directory: pki).key.publicKey == first.key.publicKey)
    }

    @Test func repairsAMissingPublicKey() throws {
        let first = try NodeKeys(directory: pki, bits: 1024)
        try Files.remove("\(pki)/minion.pub")
        _ = try NodeKeys(directory: pki)
        #expect(try NodeKeys.publicKey("\(pki)/minion.pub") == first.key.publicKey)
    }

    @Test func refusesAKeyThatOthersMayReadOrThatIsNone() throws {
        _ = try NodeKeys(directory: pki, bits: 1024)
        chmod("\(pki)/minion.pem", 0o644)
        let open = #expect(throws: NodeError.self) { try NodeKeys(directory: pki) }
        #expect(open?.description.contains("chmod 0400") == true)
        try Files.write("nonsense".utf8, to: "\(pki)/minion.pem", mode: 0o400)
        let wrong = #expect(throws: NodeError.self) { try NodeKeys(directory: pki) }
        #expect(wrong?.description.contains("minion.pem") == true)
    }

    @Test func keepsMastersApart() throws {
        let keys = try NodeKeys(directory: pki, bits: 1024)
        let master = NodeConfiguration.Master(host: "fe80::1%eth0/x")
        #expect(keys.masterKeyPath(master, among: 1) == "\(pki)/minion_master.pub")
        #expect(keys.masterKeyPath(master, among: 2) == "\(pki)/minion_master.fe80::1_eth0_x_4506.pub")
        #expect(try NodeKeys.publicKey("\(pki)/minion_master.pub") == nil)
        try NodeKeys.store(keys.key.publicKey, at: "\(pki)/minion_master.pub")
        #expect(try NodeKeys.publicKey("\(pki)/minion_master.pub") == keys.key.publicKey)
    }
}
