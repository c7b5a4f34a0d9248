import MusterCore
import MusterTestSupport
import Testing

/// Broken JSON is refused, never trapped on; what is accepted means one thing only.
@Suite struct JSONMutationTests {
    static let documents = [
        #"{"jid":"20260101000000000000","fun":"test.ping","arg":[1,-2.5,{"__kwarg__":true}],"ret":{"a":null}}"#,
        #"[0,-0,0.0,-0.0,1e5,1E-5,9223372036854775807,-9223372036854775808,18446744073709551615,1e308]"#,
        #"["","\"\\\/\b\f\n\r\t","\u0000\u00e9\u20ac\ud83d\ude00","é€😀"]"#,
        " { \"a\" : [ true , false , null ] ,\r\n\t\"a\" : { } } ",
        String(repeating: "[", count: 40) + String(repeating: "]", count: 40),
    ]

    @Test("mutated documents never crash, and what is accepted reads back equal", arguments: documents)
    func mutations(_ document: String) throws {
        let original = Array(document.utf8)
        _ = try JSON.value(original)
        var random = SeededRandom(seed: UInt64(original.count))
        var refused = 0
        for _ in 0..<5000 {
            let bytes = random.mutateJSON(original)
            guard let value = try? JSON.value(bytes) else {
                refused += 1
                continue
            }
            let source = "\(String(decoding: bytes, as: UTF8.self))"
            for layout in [JSON.Layout.compact, .spaced, .indented(2)] {
                for escapes in [false, true] {
                    let text = JSON.text(value, layout: layout, escapesNonASCII: escapes)
                    let again = try JSON.value(text)
                    #expect(again == value, "\(source)")
                    // Texts are equal in Swift when they only look alike: the bytes must be the same too.
                    let rewritten = JSON.text(again, layout: layout, escapesNonASCII: escapes)
                    #expect(rewritten.utf8.elementsEqual(text.utf8), "\(source)")
                }
            }
        }
        #expect(refused > 100, "the mutations are too mild")
        #expect(refused < 5000, "the mutations are too harsh")
    }

    @Test(
        "numbers and escapes that only look right are refused",
        arguments: [
            "1e999", "-1e999", "[1e309]", #""\u-000""#, #""\u+041""#, #""\u 041""#, #""\u00g0""#, #""\u004"#,
            #""\ud83dx""#, #""\ud83d\n""#, #""\udc00""#, "+1", ".5", "1.e5", "1e", "--1", "0x10", "1_000", "NaN",
            "Infinity", "\u{feff}1", "'a'", "[1 2]", "{1:2}", "tru", "truee",
        ])
    func lookalikes(_ text: String) {
        #expect(throws: JSONError.self) { try JSON.value(text) }
    }
}

extension SeededRandom {
    /// Half of the time bytes at large, else bytes that mean something in JSON, which get further into the reader.
    fileprivate mutating func mutateJSON(_ original: [UInt8]) -> [UInt8] {
        guard Bool.random(using: &self) else { return mutate(original) }
        var bytes = original
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            let byte = Array(#"{}[]",:\/0123456789+-.eEuntbrf "#.utf8).randomElement(using: &self) ?? 0
            let place = Int.random(in: 0..<bytes.count, using: &self)
            if Bool.random(using: &self) { bytes[place] = byte } else { bytes.insert(byte, at: place) }
        }
        return bytes
    }
}
