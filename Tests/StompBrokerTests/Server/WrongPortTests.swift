import NIOCore
import NIOEmbedded
import STOMP
import Testing

@testable import StompBroker

/// Clients that speak to the wrong port.
@Suite struct WrongPortTests {
    @Test("plain STOMP at a port of TLS is answered in plain words, and the connection ends")
    func plainToTLS() throws {
        let told = Box()
        let channel = EmbeddedChannel(handler: PlainTextGuard { told.count += 1 })
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        try channel.writeInbound(ByteBuffer(string: "CONNECT\nlogin:ann\n\n\0"))
        try channel.writeInbound(ByteBuffer(string: "SEND\n\n\0"))
        let answer = try #require(try channel.readOutbound(as: ByteBuffer.self))
        #expect(String(buffer: answer).hasPrefix("ERROR\nmessage:TLS is spoken here\n"))
        #expect(told.count == 1)
        #expect(!channel.isActive)
        #expect(try channel.readInbound(as: ByteBuffer.self) == nil)
    }

    @Test("a TLS handshake goes on, and the guard goes")
    func handshake() throws {
        let channel = EmbeddedChannel(handler: PlainTextGuard {})
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 1)).wait()
        for bytes in [[22, 3, 1] as [UInt8], [67, 79]] {
            try channel.writeInbound(ByteBuffer(bytes: bytes))
            #expect(try channel.readInbound(as: ByteBuffer.self) == ByteBuffer(bytes: bytes))
        }
        #expect(throws: (any Error).self) { try channel.pipeline.syncOperations.handler(type: PlainTextGuard.self) }
    }

    @Test("TLS at a port of plain STOMP ends the connection")
    func tlsToPlain() throws {
        let test = try TestBroker()
        let channel = try test.channel()
        try channel.writeInbound(ByteBuffer(bytes: [22, 3, 1, 2, 0]))
        test.loop.run()
        #expect(!channel.isActive)
        #expect(try test.heard(channel).isEmpty)
    }

    private final class Box {
        var count = 0
    }
}
