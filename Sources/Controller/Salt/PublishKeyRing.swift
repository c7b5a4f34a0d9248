package import MusterCore
package import SaltProtocol
import Synchronization

/// Keeps the publish key with its serial on disk, so that a restart does not send the fleet to sign in again; what is
/// published under it comes from its `Publisher`.
///
/// Serials never repeat under one key: numbers are reserved on disk in blocks before they are used, so that after a crash
/// the next one is above all that were ever sent. Owned by a `Mutex`; sealing signs (0.3 ms), so not for an event loop.
package final class PublishKeyRing: Sendable {
    private struct State {
        var publisher: Publisher
        /// Serials up to this one may be used without writing the file.
        var reserved: Int64
    }

    /// How many serials one write of the file is good for.
    private static let block: Int64 = 1000
    /// Beyond this a file is damaged rather than old.
    private static let largestSerial: Int64 = 1 << 53

    private let path: String
    private let controller: PrivateKey
    private let lifetime: Duration
    private let state: Mutex<State>

    /// Takes the key up from its file, or makes one.
    ///
    /// - Parameters:
    ///   - algorithm: Salt's `publish_signing_algorithm`.
    ///   - lifetime: Salt's `publish_session`; a key that is older, or made at a time to come, is replaced.
    package init(
        file path: String, controller: PrivateKey, algorithm: SignatureAlgorithm = .saltDefault, lifetime: Duration,
        now: Timestamp
    ) throws {
        self.path = path
        self.controller = controller
        self.lifetime = lifetime
        let key: PublishKey
        if let kept = try PublishKeyRing.read(path, by: controller), kept.created <= now,
            kept.expiry(lifetime: lifetime).map({ now < $0 }) ?? true
        {
            key = kept
        } else {
            key = try PublishKey.random(by: controller, at: now)
            try PublishKeyRing.write(key, reserved: 0, to: path)
        }
        let publisher = try Publisher(key, signer: controller, algorithm: algorithm)
        state = Mutex(State(publisher: publisher, reserved: key.serial))
    }

    /// The key as sign-ins hand it out.
    package var vouched: VouchedPublishKey { state.withLock { $0.publisher.key.vouched } }

    /// Whether the key has reached the end of its life.
    package func isExpired(at now: Timestamp) -> Bool {
        state.withLock { $0.publisher.key.expiry(lifetime: lifetime).map { $0 <= now } ?? false }
    }

    /// One frame for the publish port, to be sent before any sealed later.
    ///
    /// - Parameter load: makes the encoded load around the serial it is given.
    package func seal(_ load: @Sendable (_ serial: Int64) -> [UInt8]) throws -> [UInt8] {
        try state.withLock { state in
            let serial = state.publisher.key.serial
            if serial >= state.reserved {
                let reserved = serial + PublishKeyRing.block
                try PublishKeyRing.write(state.publisher.key, reserved: reserved, to: path)
                state.reserved = reserved
            }
            return try state.publisher.publish(load)
        }
    }

    /// Makes a new key: every node signs in again at the next publish. The old key stays in use when this throws.
    package func rotate(at now: Timestamp) throws {
        try state.withLock { state in
            let key = try PublishKey.random(by: controller, at: now)
            try PublishKeyRing.write(key, reserved: 0, to: path)
            try state.publisher.rotate(to: key)
            state.reserved = 0
        }
    }

    // MARK: The file: KEY SERIAL MICROSECONDS, where SERIAL is the last one reserved

    private static func write(_ key: PublishKey, reserved: Int64, to path: String) throws {
        let line = "\(key.key.secretText) \(reserved) \(key.created.microseconds)\n"
        try Files.write(Array(line.utf8), to: path, mode: 0o600)
    }

    /// Nil when there is no file or it is damaged: a new key then takes its place.
    private static func read(_ path: String, by controller: PrivateKey) throws -> PublishKey? {
        guard Files.status(path) != nil, let text = try? Files.text(path) else { return nil }
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, let key = try? KeyString(String(parts[0])), let serial = Int64(parts[1]),
            (0...largestSerial).contains(serial), let created = Int64(parts[2])
        else { return nil }
        return try PublishKey.restored(
            key, serial: serial, by: controller, created: Timestamp(microseconds: created))
    }
}
