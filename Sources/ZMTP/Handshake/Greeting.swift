public import NIOCore

/// A security mechanism's name as the greeting carries it: at most 20 ASCII characters.
public struct Mechanism: Sendable, Hashable, CustomStringConvertible {
    public let name: String

    /// No security: the only mechanism we speak.
    public static let null = Mechanism(name: "NULL")

    public init(name: String) {
        self.name = String(decoding: name.utf8.prefix(20), as: UTF8.self)
    }

    public var description: String { name }
}

/// A revision of ZMTP 3.
public struct Version: Sendable, Hashable, Comparable {
    public let major: UInt8
    public let minor: UInt8

    /// Subscriptions are messages beginning with 1 or 0.
    public static let v3_0 = Version(major: 3, minor: 0)
    /// Subscriptions are commands; PING and PONG exist.
    public static let v3_1 = Version(major: 3, minor: 1)

    public init(major: UInt8, minor: UInt8) {
        self.major = major
        self.minor = minor
    }

    public static func < (left: Version, right: Version) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }
}

/// The 64 bytes with which each side begins.
///
///     greeting  = signature version mechanism as-server filler
///     signature = %xFF 8OCTET %x7F
///     version   = major minor          ; one byte each
///     mechanism = 20OCTET              ; ASCII, padded with zeros
///     as-server = %x00 / %x01
///     filler    = 31%x00
///
/// Tolerances, all of them libzmq's own: the eight bytes of the signature hold anything (libzmq puts the identity's
/// length for ZMTP 1 peers there), of its last byte only the lowest bit counts, a later major version is taken for
/// 3.1, the filler is not looked at. Spec: ZMTP 3.1 (RFC 37), "The Greeting".
public struct Greeting: Sendable, Equatable {
    /// The size of a greeting.
    public static let byteCount = 64

    public var version: Version
    public var mechanism: Mechanism
    public var isServer: Bool

    public init(version: Version = .v3_1, mechanism: Mechanism = .null, isServer: Bool = false) {
        self.version = version
        self.mechanism = mechanism
        self.isServer = isServer
    }

    /// Reads a greeting from the front of `buffer`, and consumes it; nil when it is not all there yet.
    ///
    /// A peer that cannot be ours is refused at its first wrong byte: one of ZMTP 1 or 2 never sends 64.
    public static func read(from buffer: inout ByteBuffer) throws(ZMTPError) -> Greeting? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        // A frame of ZMTP 1 begins with its length, the first of which is never 0xff; anything else is no ZMTP at all.
        guard first == 0xff else { throw .notZMTP }
        guard let last = buffer.getInteger(at: start + 9, as: UInt8.self) else { return nil }
        guard last & 1 == 1 else { throw .unsupportedVersion(major: 1) }
        guard let major = buffer.getInteger(at: start + 10, as: UInt8.self) else { return nil }
        // The revision byte of ZMTP 1.0 is 0, of 2.0 it is 1.
        guard major >= 3 else { throw .unsupportedVersion(major: major == 0 ? 1 : 2) }
        guard var greeting = buffer.readSlice(length: byteCount) else { return nil }
        greeting.moveReaderIndex(forwardBy: 11)
        guard let minor = greeting.readInteger(as: UInt8.self), let name = greeting.readBytes(length: 20),
            let isServer = greeting.readInteger(as: UInt8.self)
        else { return nil }
        return Greeting(
            version: major > 3 ? .v3_1 : Version(major: major, minor: minor),
            mechanism: Mechanism(name: ZMTPError.printable(name.prefix { $0 != 0 })),
            isServer: isServer == 1)
    }

    /// The greeting as it is sent.
    public var encoded: ByteBuffer {
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Greeting.byteCount)
        buffer.writeInteger(UInt8(0xff))
        buffer.writeRepeatingByte(0, count: 8)
        buffer.writeMultipleIntegers(UInt8(0x7f), version.major, version.minor)
        let name = mechanism.name.utf8.prefix(20)
        buffer.writeBytes(name)
        buffer.writeRepeatingByte(0, count: 20 - name.count)
        buffer.writeInteger(UInt8(isServer ? 1 : 0))
        buffer.writeRepeatingByte(0, count: 31)
        return buffer
    }
}
