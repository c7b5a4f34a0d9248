import MusterCore
import MusterTestSupport
import Testing

@testable import SaltProtocol

@Suite struct KeyTests {
    @Test("reads a private key in each form", arguments: ["private-pkcs1", "private-pkcs8"])
    func readsPrivate(_ name: String) throws {
        let key = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/\(name).pem"))
        #expect(key.bits == 1024)
        #expect(try key.publicKey == PublicKey(pem: PackageFile.text("Tests/Vectors/keys/public-info.pem")))
        #expect(try key.secretPEM(.pkcs1) == PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        #expect(try key.secretPEM(.pkcs8) == PackageFile.text("Tests/Vectors/keys/private-pkcs8.pem"))
    }

    @Test("opens an encrypted private key with its passphrase only", arguments: ["pkcs1", "pkcs8"])
    func opensEncrypted(_ form: String) throws {
        let text = try PackageFile.text("Tests/Vectors/keys/private-\(form)-encrypted.pem")
        #expect(
            try PrivateKey(pem: text, passphrase: "sesame").secretPEM()
                == PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        #expect(throws: CryptographyError.wrongPassphrase) { try PrivateKey(pem: text, passphrase: "sesam") }
        #expect(throws: CryptographyError.passphraseRequired) { try PrivateKey(pem: text) }
    }

    @Test("reads a public key in each form and writes Salt's", arguments: ["public-info", "public-pkcs1"])
    func readsPublic(_ name: String) throws {
        let text = try PackageFile.text("Tests/Vectors/keys/\(name).pem")
        let key = try PublicKey(pem: text)
        #expect(key.pem + "\n" == (try PackageFile.text("Tests/Vectors/keys/public-info.pem")))
        #expect(try key.pem(.pkcs1) + "\n" == PackageFile.text("Tests/Vectors/keys/public-pkcs1.pem"))
        #expect(try key == PublicKey(pem: "\r\n  " + text.split(separator: "\n").joined(separator: "\r\n") + "\r\n\n"))
    }

    @Test(
        "refuses what is no usable private key",
        arguments: [
            ("private-ec", CryptographyError.notRSA), ("private-512", .keySizeOutOfRange(bits: 512)),
            ("public-info", .unsupportedKeyFormat(label: "PUBLIC KEY")),
        ])
    func refusesPrivate(_ name: String, _ error: CryptographyError) throws {
        let text = try PackageFile.text("Tests/Vectors/keys/\(name).pem")
        #expect(throws: error) { try PrivateKey(pem: text) }
    }

    @Test(
        "refuses what is no usable public key",
        arguments: [
            ("public-ec", CryptographyError.notRSA), ("public-512", .keySizeOutOfRange(bits: 512)),
            ("private-pkcs1", .unsupportedKeyFormat(label: "RSA PRIVATE KEY")),
        ])
    func refusesPublic(_ name: String, _ error: CryptographyError) throws {
        let text = try PackageFile.text("Tests/Vectors/keys/\(name).pem")
        #expect(throws: error) { try PublicKey(pem: text) }
    }

    @Test(
        "refuses text that is no key",
        arguments: [
            ("", CryptographyError.notPEM),
            ("-----BEGIN PUBLIC KEY-----", .notPEM),
            ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PRIVATE KEY-----", .notPEM),
            ("-----BEGIN PUBLIC KEY-----\nMI!B\n-----END PUBLIC KEY-----", .malformedKey),
            ("-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----", .malformedKey),
            ("-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----", .malformedKey),
        ])
    func refusesText(_ text: String, _ error: CryptographyError) {
        #expect(throws: error) { try PublicKey(pem: text) }
        #expect(throws: CryptographyError.self) { try PrivateKey(pem: text) }
    }

    @Test func refusesATextLongerThanAnyKey() throws {
        let text = try PackageFile.text("Tests/Vectors/keys/public-info.pem") + String(repeating: "\n", count: 20_000)
        #expect(throws: CryptographyError.notPEM) { try PublicKey(pem: text) }
        #expect(throws: CryptographyError.notPEM) { try PrivateKey(pem: text) }
    }

    @Test func refusesBytesBehindThePublicKey() throws {
        let block = try PEM.block(in: PackageFile.text("Tests/Vectors/keys/public-info.pem"))
        let longer = PEM.Block(label: block.label, bytes: block.bytes + [0])
        #expect(throws: CryptographyError.malformedKey) { try PublicKey(pem: longer.text) }
    }

    @Test func generatesAUsablePair() throws {
        let key = try PrivateKey.generate(bits: 1024)
        let again = try PrivateKey(pem: key.secretPEM())
        #expect(again.publicKey == key.publicKey)
        let signature = try key.sign([1, 2, 3], using: .pkcs1v15SHA224)
        #expect(again.publicKey.isValid(signature, over: [1, 2, 3], using: .pkcs1v15SHA224))
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 512)) { try PrivateKey.generate(bits: 512) }
        #expect(throws: CryptographyError.keySizeOutOfRange(bits: 16384)) { try PrivateKey.generate(bits: 16384) }
    }

    @Test func survivesMutatedKeys() throws {
        var random = SeededRandom(seed: 7)
        let publicText = Array(try PackageFile.text("Tests/Vectors/keys/public-info.pem").utf8)
        let block = try PEM.block(in: PackageFile.text("Tests/Vectors/keys/public-info.pem"))
        for _ in 0..<500 {
            _ = try? PublicKey(pem: String(decoding: random.mutate(publicText), as: UTF8.self))
            let key = try? PublicKey(pem: PEM.Block(label: block.label, bytes: random.mutate(block.bytes)).text)
            guard let key else { continue }
            #expect(RSALimits.bits.contains(key.bits))
            #expect(!key.isValid([UInt8](repeating: 1, count: key.byteCount), over: [1], using: .pkcs1v15SHA1))
            _ = try? key.encrypt([1], using: .oaepSHA1)
        }
    }

    @Test func showsNothingSecret() throws {
        let key = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] {
            #expect(!text.contains("handle"))
            #expect(text.contains("RSA-1024"))
        }
    }

    // MARK: Vectors

    @Test func opensAndMakesTheCapturedCipherTexts() throws {
        let vector = try Vector.salt("common/rsa")
        let key = try PrivateKey(pem: vector.text("private_pem"))
        for entry in try #require(vector.value("oaep").array) {
            let algorithm = try #require(EncryptionAlgorithm(rawValue: entry["alg"]?.string ?? ""))
            let clear = Array(try #require(entry["clear"]?.string).utf8)
            let sealed = try #require([UInt8](hex: entry["cipher_hex"]?.string ?? ""))
            #expect(try key.decrypt(sealed, using: algorithm) == clear)
            #expect(try key.decrypt(key.publicKey.encrypt(clear, using: algorithm), using: algorithm) == clear)
            for other in EncryptionAlgorithm.allCases where other != algorithm {
                #expect(throws: CryptographyError.decryptionFailed) { try key.decrypt(sealed, using: other) }
            }
            #expect(throws: CryptographyError.decryptionFailed) { try key.decrypt([], using: algorithm) }
            #expect(throws: CryptographyError.decryptionFailed) { try key.decrypt(sealed + [0], using: algorithm) }
        }
    }

    @Test func makesAndChecksTheCapturedSignatures() throws {
        let vector = try Vector.salt("common/rsa")
        let key = try PrivateKey(pem: vector.text("private_pem"))
        for entry in try #require(vector.value("sign").array) {
            let algorithm = try #require(SignatureAlgorithm(rawValue: entry["alg"]?.string ?? ""))
            let message = Array(try #require(entry["message"]?.string).utf8)
            let signature = try #require([UInt8](hex: entry["signature_hex"]?.string ?? ""))
            #expect(try key.sign(message, using: algorithm) == signature)
            #expect(key.publicKey.isValid(signature, over: message, using: algorithm))
            #expect(!key.publicKey.isValid(signature, over: message + [0], using: algorithm))
            #expect(!key.publicKey.isValid(Array(signature.dropLast()), over: message, using: algorithm))
            #expect(!key.publicKey.isValid([], over: message, using: algorithm))
            for other in SignatureAlgorithm.allCases where other != algorithm {
                #expect(!key.publicKey.isValid(signature, over: message, using: other))
            }
        }
    }

    @Test func makesAndRecoversTheCapturedX931Blocks() throws {
        let vector = try Vector.salt("common/x931")
        let key = try PrivateKey(pem: vector.text("private_pem"))
        #expect(try key.publicKey == PublicKey(pem: vector.text("public_pem")))
        for entry in try #require(vector.value("cases").array) {
            let message = try #require([UInt8](hex: entry["message_hex"]?.string ?? ""))
            let signature = try #require([UInt8](hex: entry["signature_hex"]?.string ?? ""))
            #expect(try key.signRecoverably(message) == signature)
            #expect(try key.publicKey.recover(signature) == message)
        }
        for entry in try #require(vector.value("invalid").array) {
            #expect(try key.publicKey.recover(#require([UInt8](hex: entry["signature_hex"]?.string ?? ""))) == nil)
        }
    }

    @Test func acceptsBothNumbersOfAnX931Message() throws {
        let key = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        let word = Array("salt".utf8)
        let small = try key.signRecoverably(word)
        let modulus = try RSAKeyHandle(publicDER: PEM.block(in: key.publicKey.pem).bytes, as: .publicInfo).modulus()
        let large = X931.difference(modulus, small)
        #expect(small.lexicographicallyPrecedes(large))
        #expect(try key.publicKey.recover(small) == word)
        #expect(try key.publicKey.recover(large) == word)
        #expect(X931.smaller(large, modulus: modulus) == small)
    }

    @Test("an X9.31 message has one length that does not fit")
    func x931Lengths() throws {
        let key = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        for count in [0, 1, 124, 126] {
            let message = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            #expect(try key.publicKey.recover(key.signRecoverably(message)) == message)
        }
        for count in [125, 127, 128, 500] {
            #expect(throws: CryptographyError.self) { try key.signRecoverably([UInt8](repeating: 1, count: count)) }
        }
    }

    @Test(
        "refuses wrong X9.31 padding",
        arguments: [
            "", "6a", "6acc", "6bba01cc", "6bbbba01cd", "6bbbbb01cc", "6bbbbbcc", "6cbbba01cc", "6b01ba01cc",
        ])
    func refusesPadding(_ hex: String) throws {
        let message = X931.decode(try #require([UInt8](hex: hex)))
        #expect(message == nil || hex == "6acc")
    }

    @Test func proofTokenAcceptsOnlyItsKey() throws {
        let key = try PrivateKey(pem: PackageFile.text("Tests/Vectors/keys/private-pkcs1.pem"))
        let other = try PrivateKey.generate(bits: 1024)
        let token = try ProofToken.make(with: key)
        let foreign = try ProofToken.make(with: other)
        var proof = ProofToken(for: key.publicKey)
        // Twice, since the first right one is remembered and compared from then on.
        for _ in 0..<2 {
            let answers = [foreign, try key.signRecoverably(Array("pepper".utf8)), [], Array(token.dropLast()), token]
                .map { proof.accepts($0) }
            #expect(answers == [false, false, false, false, true])
        }
        let remembers = [token, foreign].map { proof.remembers($0.span.bytes) }
        let unproven = ProofToken(for: key.publicKey)
        let remembersBefore = unproven.remembers(token.span.bytes)
        #expect(remembers == [true, false] && !remembersBefore)
    }
}
