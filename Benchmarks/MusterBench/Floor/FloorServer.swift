import BusTransport
import Foundation
import NIOCore
import NIOPosix
import ZMTP

/// Our bare sockets in a process of their own: a ROUTER that echoes, and a PUB.
///
/// Prints the ports of both and serves until it is killed. A request that is a `FloorOrder` is obeyed instead of echoed,
/// and answered with the number of subscribers that have subscribed.
final class FloorServer: RouterServerDelegate {
    private let publisher: PublisherServer

    private init(_ publisher: PublisherServer) {
        self.publisher = publisher
    }

    /// Does not return.
    static func serve() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var options = PublisherOptions()
        // Nothing is dropped: the floor is what it takes to send everything.
        options.server.connection.sendQueue = SendQueueLimits(messages: 1_000_000, bytes: 1 << 30)
        let publisher = PublisherServer(group: group, options: options)
        let router = RouterServer(group: group, delegate: FloorServer(publisher))
        let loopback = [Endpoint(host: "127.0.0.1", port: 0)]
        let ports = try await [router.bind(to: loopback), publisher.bind(to: loopback)].map { $0[0].port ?? 0 }
        FileHandle.standardOutput.write(Data("\(ports[0]) \(ports[1])\n".utf8))
        while true { try await Task.sleep(for: .seconds(3600)) }
    }

    func requestReceived(_ payload: ByteBuffer, from connection: RouterConnection) {
        guard let order = FloorOrder(payload) else { return connection.reply(payload) }
        let message = Message(ByteBuffer(repeating: UInt8(ascii: "m"), count: order.bytes))
        for _ in 0..<order.messages { publisher.publish(message) }
        let publisher = self.publisher
        connection.eventLoop.makeFutureWithTask {
            await publisher.subscribers().count { !$0.topics.isEmpty }
        }.whenSuccess { connection.reply(ByteBuffer(string: "\($0)")) }
    }
}
