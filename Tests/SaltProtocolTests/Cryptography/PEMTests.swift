import MusterTestSupport
import Testing

@testable import SaltProtocol

/// The expected fingerprints are what Salt 3008.5's `salt.utils.crypt.pem_finger` gives for the same key.
@Suite struct PEMTests {
    @Test(
        "fingerprints the lines of the body as Salt does",
        arguments: [
            (
                DigestAlgorithm.sha256,
                "c9:8d:b0:a6:08:2b:cc:5f:5e:a3:fa:8e:3b:02:98:b5:41:c6:5e:d9:c1:0d:d2:9e:e2:8c:7b:e3:6e:5a:27:28"
            ),
            (.md5, "00:ee:1d:3c:52:20:f2:38:98:05:60:83:9f:54:9d:db"),
            (.sha1, "22:3f:4d:95:23:2e:81:9a:7d:ce:f6:2c:5f:42:65:f5:b4:23:c9:44"),
        ])
    func fingerprints(_ algorithm: DigestAlgorithm, _ expected: String) throws {
        let text = try Vector.salt("common/x931").text("public_pem")
        #expect(try PublicKey(pem: text).fingerprint(using: algorithm) == expected)
        let trimmed = PEM.normalised(text)
        let crlf = trimmed.split(separator: "\n").joined(separator: "\r\n")
        for form in [text, trimmed, crlf, "\n" + text + "\n\n"] {
            #expect(try PEM.fingerprint(of: form, using: algorithm) == expected)
        }
    }

    @Test func fingerprintsTheWholeTextAs3008Lists() throws {
        let text = PEM.normalised(try Vector.salt("common/x931").text("public_pem"))
        #expect(
            try PEM.fingerprint(of: text, scope: .wholeText)
                == "97:e3:f2:25:7e:60:a3:28:41:35:24:c7:bf:48:52:d2:ee:4f:2b:f6:91:b1:7b:e7:7f:47:7d:cc:b6:fe:e4:04")
    }

    @Test(
        "normalises line ends and the white space around",
        arguments: [
            ("a\nb", "a\nb"), ("a\r\nb\r\n", "a\nb"), (" \n a\rb\t\n\n", "a\nb"), ("", ""), (" \r\n", ""),
            ("é\r\n", "é"),
            ("a\n\r\nb", "a\n\nb"),
        ])
    func normalises(_ text: String, _ expected: String) {
        #expect(Array(PEM.normalised(text).utf8) == Array(expected.utf8))
    }
}
