import Foundation
import Glibc
import MusterTestSupport
import NIOCore
import ZMTP

/// A TCP connection in the hands of somebody rude: it says what it likes when it likes, and reads or does not.
///
/// A plain descriptor, so that ten thousand of them cost the test nothing.
final class RawConnection {
    private let descriptor: Int32

    /// - Parameters:
    ///   - source: An address of ours, as 127.0.0.2.
    ///   - receiveBuffer: Bytes that the kernel keeps for us, as long as we do not read.
    init(port: Int, from source: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SiteError("no socket: \(String(cString: strerror(errno)))") }
        if var size = receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        }
        let isBound = RawConnection.withAddress(source, 0) { bind(descriptor, $0, $1) } == 0
        let isConnected = isBound && RawConnection.withAddress("127.0.0.1", port) { connect(descriptor, $0, $1) } == 0
        guard isConnected else {
            let reason = String(cString: strerror(errno))
            Glibc.close(descriptor)
            throw SiteError("no connection: \(reason)")
        }
        // Whoever waits for ever in a test hides what went wrong.
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { Glibc.close(descriptor) }

    /// Greeting, READY, and for a subscriber the wish to have everything.
    static func handshake(_ type: SocketType) -> [UInt8] {
        var bytes = Greeting().encoded
        bytes.writeImmutableBuffer(Command.ready(Metadata(socketType: type, identity: ByteBuffer())).encoded)
        if type == .sub { bytes.writeImmutableBuffer(Command.subscribe(topic: ByteBuffer()).encoded) }
        return Array(buffer: bytes)
    }

    /// - Returns: False when the peer has closed the connection.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Sends as much as the kernel takes without waiting for the peer to read.
    ///
    /// - Returns: The bytes it took; 0 when it is full.
    func offer(_ bytes: [UInt8]) -> Int {
        max(
            0,
            bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            })
    }

    /// What has come, at most so many bytes; waits for the first one.
    ///
    /// - Returns: Empty when the peer has closed the connection, or nothing came in half a minute.
    func receive(_ most: Int = 4096) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: most)
        let count = recv(descriptor, &buffer, most, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    /// Reads until the peer closes.
    func readToEnd() {
        while !receive(64 << 10).isEmpty {}
    }

    /// Reads what has come, without waiting, and says whether the peer has closed the connection.
    func isClosed() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count <= 0 { return count == 0 || errno != EAGAIN }
        }
    }

    private static func withAddress<Result>(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr(host)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
