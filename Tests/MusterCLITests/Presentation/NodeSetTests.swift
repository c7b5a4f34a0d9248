import MusterCore
import Testing

@testable import MusterCLI

@Suite struct NodeSetTests {
    @Test(
        "folds names that differ in one number",
        arguments: [
            (["b", "a"], "a, b"),
            (["web1", "web2", "web3"], "web1, web2, web3"),
            (["web1", "web2", "web3", "web5"], "web[1-3,5]"),
            (["web01", "web02", "web10", "db1"], "db1, web[01-02,10]"),
            (["web9", "web10", "web11", "web12"], "web[9-12]"),
            (["a1.x.org", "a2.x.org", "a3.x.org", "a3.y.org"], "a[1-3].x.org, a3.y.org"),
            (["rack1-web1", "rack1-web2", "rack2-web1", "lone"], "lone, rack1-web[1-2], rack2-web1"),
            (["10.0.0.1", "10.0.0.2", "10.0.0.3", "x"], "10.0.0.1, 10.0.0.2, 10.0.0.3, x"),
        ] as [([String], String)])
    func folds(names: [String], text: String) {
        #expect(NodeSet.text(names.map { NodeID($0)! }) == text)
    }
}
