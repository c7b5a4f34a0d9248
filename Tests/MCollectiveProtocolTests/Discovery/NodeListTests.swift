import MCollectiveProtocol
import Testing

struct NodeListTests {
    @Test("a file has one identity a line")
    func lines() throws {
        let list = try NodeList(lines: "# fleet\nnode1\n\n  node-2.example.com  \r\nnode1\n")
        #expect(list.identities == ["node1", "node-2.example.com", "node1"])
        #expect(throws: NodeListError.notIdentity(line: 2, method: "flatfile")) { try NodeList(lines: "a\nb c\n") }
    }

    @Test("JSON names senders or certificates")
    func json() throws {
        let text = Array(" [{\"sender\":\"a\",\"data\":{}},{\"certname\":\"b\"}]".utf8)
        #expect(try NodeList(json: text).identities == ["a", "b"])
        #expect(try NodeList(detecting: text).identities == ["a", "b"])
        #expect(try NodeList(detecting: Array("a\nb\n".utf8)).identities == ["a", "b"])
        #expect(throws: NodeListError.notIdentity(line: 1, method: "stdin")) { try NodeList(json: Array("[1]".utf8)) }
        #expect(throws: NodeListError.notJSON("not an array")) { try NodeList(json: Array("{}".utf8)) }
        #expect(throws: NodeListError.self) { try NodeList(detecting: Array("[".utf8)) }
    }

    @Test("identities filter a list, and nothing else can")
    func filters() throws {
        let list = try NodeList(lines: "web1\nweb2\ndb1\nweb1")
        #expect(try list.matching(Filter()) == ["web1", "web2", "db1"])
        #expect(try list.matching(Filter([.identity("/web/")])) == ["web1", "web2"])
        #expect(try list.matching(Filter([.identity("db1"), .identity("web2")])) == ["web2", "db1"])
        for (option, name) in [(Filter.Option.fact("a=b"), "fact"), (.class("x"), "class"), (.select("x"), "compound")]
        {
            #expect {
                _ = try list.matching(try Filter([option]))
            } throws: { error in
                "\(error)" == "Cannot use \(name) filters while using the 'flatfile' discovery method"
            }
        }
    }
}
