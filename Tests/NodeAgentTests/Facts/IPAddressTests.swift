import Testing

@testable import NodeAgent

@Suite("IP addresses")
struct IPAddressTests {
    @Test(
        "reads and prints as Python does",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("2001:DB8::0:1", "2001:db8::1"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"),
            ("fe80::1%eth0", "fe80::1"), ("::ffff:192.0.2.1", "::ffff:c000:201"), ("0:0:1::", "0:0:1::"),
        ])
    func reads(_ text: String, printed: String) {
        #expect(IPAddress(text)?.description == printed)
    }

    @Test(
        "refuses what is none",
        arguments: [
            "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.-4", ":", ":::", "1:2", "1::2::3", "12345::",
            "g::", "1:2:3:4:5:6:7:8:9", ":1::2", "+1::",
        ])
    func refuses(_ text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(
        "knows which addresses a network holds",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/255.0.0.0", "11.0.0.1", false),
            ("192.0.2.0/25", "192.0.2.127", true),
            ("192.0.2.0/25", "192.0.2.128", false), ("0.0.0.0/0", "1.2.3.4", true),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false), ("0.0.0.0/0", "::1", false), ("192.0.2.1", "192.0.2.1", true),
        ])
    func contains(_ network: String, address: String, holds: Bool) throws {
        #expect(try #require(Subnet(network)).contains(try #require(IPAddress(address))) == holds)
    }

    @Test(
        "refuses networks with host bits and masks with holes",
        arguments: ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/255.0.255.0", "x/8"])
    func refusesNetwork(_ text: String) {
        #expect(Subnet(text) == nil)
    }

    @Test("sorts by number, not by text")
    func order() {
        let texts = ["10.0.0.2", "9.0.0.1", "::1", "10.0.0.10"]
        #expect(
            texts.compactMap { IPAddress($0) }.sorted().map(\.description) == [
                "9.0.0.1", "10.0.0.2", "10.0.0.10", "::1",
            ])
    }
}
