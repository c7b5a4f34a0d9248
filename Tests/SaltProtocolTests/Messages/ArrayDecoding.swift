import MusterCore

@testable import SaltProtocol

/// Decoding arrays, for tests; the product reads spans of its buffers.
///
/// Also a shelter: Swift 6.3 fails to compile the span of a temporary array inside a throwing call.
extension RequestEnvelope {
    init(_ bytes: [UInt8]) throws(RequestRefusal) { try self.init(bytes.span.bytes) }
}

extension RequestLoad {
    init(_ bytes: [UInt8]) throws(RequestRefusal) { try self.init(bytes.span.bytes) }
}

extension ReturnMessage {
    init(_ load: RequestLoad, in opened: [UInt8], from node: NodeID) throws(MessageError) {
        try self.init(load, in: opened.span.bytes, from: node)
    }
}

extension EventMessage {
    init(_ load: RequestLoad, in opened: [UInt8]) throws(MessageError) { try self.init(load, in: opened.span.bytes) }
}

extension PillarRequest {
    init(_ opened: [UInt8]) throws(MessageError) { try self.init(opened.span.bytes) }
}

extension SyndicReturn {
    static func read(_ opened: [UInt8]) throws(MessageError) -> [SyndicReturn] { try read(opened.span.bytes) }
}

extension ClearCommand {
    static func named(in load: [UInt8]) throws(RequestRefusal) -> ClearCommand? { try named(in: load.span.bytes) }
}

extension RequestRules {
    func key(of envelope: RequestEnvelope, in frame: [UInt8]) throws(RequestRefusal) -> Key {
        try key(of: envelope, in: frame.span.bytes)
    }

    func check(
        _ load: RequestLoad, in opened: [UInt8], openedWith key: Key, now: Timestamp, replays: inout ReplayMemory,
        isToken: (NodeID, Range<Int>) -> Bool
    ) throws(RequestRefusal) -> CheckedRequest {
        try check(load, in: opened.span.bytes, openedWith: key, now: now, replays: &replays, isToken: isToken)
    }
}
