import MessagePack

/// The signature that a node with `minion_sign_messages` puts into its requests.
///
/// It covers the load in the order of the wire, without `nonce`, `tok` and `sig` but with `ts`, packed again in the modern
/// dialect: text as str (str8 included), bytes as bin. The receiver rebuilds it as Python would.
///
/// Source: Salt 3006.30, `salt/channel/client.py`, `AsyncReqChannel._crypted_transfer`; `salt/master.py`,
/// `AESFuncs._return`.
package enum SignedLoad {
    /// What a load says about its signature.
    package enum Verdict: Equatable, Sendable {
        case valid
        /// There is none: for `require_minion_sign_messages` to judge.
        case unsigned
        /// It is not by this key over this load, or the load cannot be read: for `drop_messages_signature_fail` to judge.
        case invalid
    }

    /// Judges an opened load; costs one public operation and a tree of the load.
    ///
    /// - Parameters:
    ///   - opened: As it came out of its container.
    ///   - node: The accepted key of the node that sent it.
    ///   - algorithm: The controller's own `signing_algorithm`.
    package static func verdict(
        on opened: RawSpan, by node: PublicKey, using algorithm: SignatureAlgorithm
    ) -> Verdict {
        do throws(RequestRefusal) {
            guard let signature = try RequestLoad(opened).signature else { return .unsigned }
            do throws(MessageError) {
                let content = try content(of: opened)
                return node.isValid(opened.extracting(signature), over: content.span.bytes, using: algorithm)
                    ? .valid : .invalid
            } catch {
                return .invalid
            }
        } catch {
            return .invalid
        }
    }

    /// The signature for a load that is encoded already, whatever it has of `nonce`, `tok` and `sig`; one private operation.
    package static func signature(
        for opened: RawSpan, by node: PrivateKey, using algorithm: SignatureAlgorithm
    ) throws(MessageError) -> [UInt8] {
        let content = try content(of: opened)
        do throws(CryptographyError) {
            return try node.sign(content, using: algorithm)
        } catch {
            throw .invalidField("sig")
        }
    }

    /// The signed bytes of an encoded load.
    static func content(of opened: RawSpan) throws(MessageError) -> [UInt8] {
        let value: MessagePackValue
        do throws(MessagePackError) {
            var reader = MessagePackReader(opened)
            value = try reader.readValue()
            try reader.finish()
        } catch {
            throw .undecodable(error)
        }
        guard case .map(var entries) = value else { throw .invalidField("load") }
        let unsigned: [MessagePackValue] = [.string("nonce"), .string("tok"), .string("sig")]
        entries.removeAll { unsigned.contains($0.key) }
        return modern(.map(entries)).encoded(.modern)
    }

    /// The value as Python holds it: whatever is UTF-8 is text, what is not is bytes, and floating point is double.
    private static func modern(_ value: MessagePackValue) -> MessagePackValue {
        switch value {
        case .raw(let bytes), .binary(let bytes):
            String(validating: bytes, as: UTF8.self).map(MessagePackValue.string) ?? .binary(bytes)
        case .float(let number): .double(Double(number))
        case .array(let elements): .array(elements.map(modern))
        case .map(let entries): .map(entries.map { .init(modern($0.key), modern($0.value)) })
        case .null, .bool, .int, .uint, .double, .string, .ext: value
        }
    }
}
