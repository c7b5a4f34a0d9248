import MusterCore
import Testing

@Suite struct ValueTests {
    @Test("values print as Python prints them", arguments: SaltAnswers.rows("texts"))
    func pythonTexts(_ row: Value) throws {
        let value = try #require(row["value"])
        #expect(value.pythonText == row["str"]?.string)
        #expect(value.pythonLiteral == row["repr"]?.string)
    }

    @Test(
        "JSON keeps order, kinds and text",
        arguments: [
            #"{"b":1,"a":1.0,"c":[null,true,"x"]}"#, #"{"a":{"z":1,"y":2}}"#, "[]", "{}", #""é\n\"\\""#,
            "18446744073709551615",
            "-9223372036854775808", "1e+300", "0.1",
        ])
    func jsonRoundTrip(_ text: String) throws {
        let value = try JSON.value(text)
        #expect(JSON.text(value) == text)
        #expect(try JSON.value(JSON.text(value, layout: .indented(4), escapesNonASCII: true)) == value)
    }

    @Test("JSON lays out as Python does")
    func jsonLayouts() throws {
        let value: Value = ["a": [1, 2.0], "b": [:], "c": [], "d": "é"]
        #expect(JSON.text(value, layout: .spaced) == #"{"a": [1, 2.0], "b": {}, "c": [], "d": "é"}"#)
        #expect(
            JSON.text(value, layout: .indented(2), escapesNonASCII: true)
                == "{\n  \"a\": [\n    1,\n    2.0\n  ],\n  \"b\": {},\n  \"c\": [],\n  \"d\": \"\\u00e9\"\n}")
    }

    @Test(
        "what is no JSON is refused with its place",
        arguments: [
            ("", 0), ("{", 1), ("[1,]", 3), ("{\"a\" 1}", 5), ("01", 2), ("1.", 2), ("\"\\ud800\"", 7), ("nul", 0),
            ("[1] 2", 4),
            ("\"a\u{1}\"", 3), ("-", 1), ("\"\\x\"", 3),
        ])
    func noJSON(_ text: String, _ offset: Int) {
        #expect {
            try JSON.value(text)
        } throws: {
            ($0 as? JSONError)?.offset == offset
        }
    }

    @Test("nesting is bounded")
    func jsonDepth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSON.value(deep) }
    }

    @Test("a value passes through Codable unchanged")
    func codable() throws {
        let answer = NodeAnswer(
            node: try #require(NodeID("n")), function: "test.ping", value: ["z": [1, 2.5, nil], "a": true],
            returnCode: 0,
            hasSucceeded: true, outputter: nil, received: Timestamp(microseconds: 7), isExpected: true)
        let value = try ValueEncoder().encode(answer)
        #expect(
            value.map?.keys == ["node", "function", "value", "returnCode", "hasSucceeded", "received", "isExpected"])
        #expect(try ValueDecoder().decode(NodeAnswer.self, from: JSON.value(JSON.text(value))) == answer)
    }

    @Test(
        "every outcome survives the API",
        arguments: [
            Outcome.waiting, .running(since: .init(seconds: 1), lastSeen: .init(seconds: 2)), .ok, .failed(code: 3),
            .unreachable(.offline(since: .init(seconds: 4))), .unreachable(.neverConnected),
            .unreachable(.noAcceptedKey),
            .refused(reason: "r"), .timedOut, .cancelled, .lost(reason: "l"),
        ])
    func outcomes(_ outcome: Outcome) throws {
        #expect(try ValueDecoder().decode(Outcome.self, from: ValueEncoder().encode(outcome)) == outcome)
    }

    @Test("a missing key is named with its path")
    func decodingErrors() throws {
        #expect {
            try ValueDecoder().decode(StoredJob.self, from: ["job": ["id": "20260101000000000000"]])
        } throws: {
            guard case DecodingError.keyNotFound(let key, let context) = $0 else { return false }
            return key.stringValue == "calls" && context.codingPath.map(\.stringValue) == ["job"]
        }
    }

    @Test("base64 reads back and refuses what is none")
    func base64() {
        for count in 0...9 {
            let bytes = (0..<count).map { UInt8($0 * 37 % 256) }
            #expect(Base64.decode(Array(Base64.encode(bytes).utf8)) == bytes)
        }
        for text in ["A", "AA", "AA=", "A===", "AAA", "AAAA=", "AA==A", "A!AA"] {
            #expect(Base64.decode(Array(text.utf8)) == nil)
        }
    }

    @Test(
        "times convert to the calendar and back",
        arguments: [
            (Int64(0), "1970-01-01T00:00:00.000000"), (951_782_399_000_001, "2000-02-28T23:59:59.000001"),
            (951_868_800_000_000, "2000-03-01T00:00:00.000000"), (-1, "1969-12-31T23:59:59.999999"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000000"),
        ])
    func calendar(_ microseconds: Int64, _ text: String) {
        let time = Timestamp(microseconds: microseconds)
        #expect(time.iso8601 == text)
        #expect(Timestamp(utc: time.utc) == time)
    }
}

struct TimestampTests {
    @Test(
        "seconds beyond what can be told are its ends, and every moment has whole seconds",
        arguments: [
            (Int64.max, Int64.max), (.min, .min), (1 << 57, .max), (-1 << 57, .min), (-1, -1_000_000), (2, 2_000_000),
        ])
    func ends(_ seconds: Int64, _ microseconds: Int64) {
        #expect(Timestamp(seconds: seconds).microseconds == microseconds)
        #expect(Timestamp(microseconds: .min).seconds < 0)
        #expect(Timestamp(microseconds: -1).seconds == -1)
    }
}
