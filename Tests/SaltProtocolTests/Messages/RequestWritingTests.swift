import MusterCore
import NIOCore
import Testing

@testable import SaltProtocol

struct RequestWritingTests {
    @Test("a request written into a buffer is the one made of its sealed load", arguments: [0, 700, 70_000])
    func writesInPlace(_ count: Int) throws {
        let container = try Container(.random())
        let load = [UInt8](repeating: 7, count: count)
        let id = "a-node-with-a-name-of-more-than-31-bytes"
        var buffer = ByteBuffer()
        try RequestEnvelope.write(sealing: load.span.bytes, by: container, id: id, into: &buffer)
        let bytes = Array(buffer.readableBytesView)
        let sealed = Array(bytes[try RequestEnvelope(bytes.span.bytes).load])
        #expect(try container.open(sealed) == load)
        #expect(bytes == RequestEnvelope.sealed(load: sealed, id: id))
    }
}
