import MusterCore
import NodeAgent
import Testing

@Suite struct NodeIdentityTests {
    @Test(
        arguments: [
            (["web1.example.com", "web1"], [], "web1.example.com"), (["localhost.localdomain", "web1"], [], "web1"),
            (["localhost"], ["127.0.0.1", "::1", "10.0.0.5"], "10.0.0.5"), (["a/b"], ["10.0.0.5"], "10.0.0.5"),
            ([], [], "localhost"), (["LOCALHOST", "ip6-localhost"], [], "localhost"),
        ])
    func chooses(_ names: [String], _ addresses: [String], _ id: String) {
        #expect(NodeIdentity.choose(names: names, addresses: addresses).text == id)
    }

    @Test func remembersTheFirstChoice() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/minion_id"
        func resolver(_ name: String) -> NameResolver {
            NameResolver(
                hostName: { name }, canonicalName: { $0 + ".example.com" }, addresses: { _ in [] }, name: { _ in nil })
        }
        #expect(NodeIdentity.id(cachedAt: path, resolver: resolver("web1")).text == "web1.example.com")
        #expect(NodeIdentity.id(cachedAt: path, resolver: resolver("web2")).text == "web1.example.com")
        #expect(NodeIdentity.id(cachedAt: nil, resolver: resolver("web2")).text == "web2.example.com")
        try Files.write("web3\n".utf8, to: path)
        #expect(NodeIdentity.id(cachedAt: path, resolver: resolver("web2")).text == "web3")
    }
}
