import MCollectiveProtocol
import MusterCore
import MusterTestSupport
import Testing

/// One SEND frame of a real command, with the providers of both ends.
struct CapturedMessage: Sendable, CustomTestStringConvertible {
    enum Sender: String, Sendable { case client, node }

    var file: String
    var name: String
    var index: Int
    var sender: Sender
    var headers: [String: String]
    /// The body of the frame.
    var bytes: [UInt8]
    /// The envelope and the inner body, in the tagged JSON of the captures; nil where they are not there.
    var envelope: RubyValue?
    var body: RubyValue?
    var security: CapturedSecurity
    var testDescription: String { "\(file)#\(index) \(name) of the \(sender.rawValue)" }

    static let files = [
        "rabbitmq-psk", "activemq-psk", "rabbitmq-ssl", "rabbitmq-sslyaml", "rabbitmq-aes", "rabbitmq-aesyaml",
    ]

    static func all() throws -> [CapturedMessage] { try files.flatMap(load) }

    static func load(_ file: String) throws -> [CapturedMessage] {
        let content = try MCollectiveVector.file("messages-\(file)")
        let security = try CapturedSecurity(content)
        return try #require(content["messages"]?.array).enumerated().map { index, message in
            let headers = try #require(message["headers"]?.array).map { header in
                (header.array?.first?.string ?? "?", header.array?.last?.string ?? "?")
            }
            let text = try #require(message["body_base64"]?.string)
            return CapturedMessage(
                file: file, name: try #require(message["name"]?.string), index: index,
                sender: try #require(Sender(rawValue: message["sender"]?.string ?? "")),
                headers: Dictionary(headers) { first, _ in first },
                bytes: try #require(Base64.decode(text.utf8)),
                envelope: try message["decoded"]?["envelope"].flatMap { try MCollectiveVector.value($0) },
                body: try message["decoded"]?["body"].flatMap { try MCollectiveVector.value($0) }, security: security)
        }
    }
}

/// The keys of a capture.
struct CapturedSecurity: Sendable {
    var client: any SecurityProvider
    var node: any SecurityProvider

    init(_ content: Value) throws {
        let serializer = content["serializer"]?.string.flatMap(Serializer.init(rawValue:)) ?? .marshal
        let security = try #require(content["security"]?.string)
        if security == "psk" {
            let provider = PSKSecurity(secret: try #require(content["psk"]?.string))
            (client, node) = (provider, provider)
            return
        }
        let keys = try #require(content["test_keys"]?.map)
        func key(_ name: String) throws -> String {
            try #require(keys.entries.first { $0.key.string?.hasPrefix(name) == true }?.value.string)
        }
        let alice = try SecurityPublicKey(pem: key("alice-public"))
        let callers: @Sendable (CallerID) -> SecurityPublicKey? = { $0.description == "cert=alice" ? alice : nil }
        let clientKey = try SecurityPrivateKey(pem: key("alice-private"))
        let nodeKey = try SecurityPrivateKey(pem: key("server-private"))
        if security.hasPrefix("ssl") {
            client = SSLSecurity(
                serializer: serializer, privateKey: clientKey,
                nodeKey: try SecurityPublicKey(pem: key("server-public")))
            node = SSLSecurity(serializer: serializer, privateKey: nodeKey, callerKey: callers)
        } else {
            client = AESSecurity(serializer: serializer, privateKey: clientKey)
            node = AESSecurity(serializer: serializer, privateKey: nodeKey, callerKey: callers)
        }
    }
}
