package import MusterCore
package import SaltProtocol
import Synchronization

/// The publish key that all nodes share, with its serial, kept on disk so that a restart does not send the fleet to
/// sign in again.
///
/// Serials never repeat under one key: numbers are reserved on disk in blocks before they are used.
package final class PublishKeyRing: Sendable {
    private struct State {
        var vouched: VouchedPublishKey
        var serial: Int64
        var reserved: Int64
        var made: Timestamp
    }

    private static let block: Int64 = 1000

    private let path: String
    private let controller: PrivateKey
    private let state: Mutex<State>

    /// Reads the key from its file, or makes one.
    ///
    /// - Parameter lifetime: Salt's `publish_session`; an older key is replaced.
    package init(file path: String, controller: PrivateKey, lifetime: Duration, now: Timestamp) throws {
        self.path = path
        self.controller = controller
        if let (key, serial, made) = PublishKeyRing.read(path), now - made < lifetime {
            let vouched = try VouchedPublishKey(key, by: controller)
            state = Mutex(State(vouched: vouched, serial: serial, reserved: serial, made: made))
        } else {
            state = Mutex(try PublishKeyRing.fresh(at: now, by: controller, in: path))
        }
    }

    /// The key as sign-ins hand it out.
    package var vouched: VouchedPublishKey { state.withLock { $0.vouched } }

    /// When the key was made.
    package var made: Timestamp { state.withLock { $0.made } }

    /// The key and the next serial under it.
    package func next() throws -> (key: KeyString, serial: Int64) {
        try state.withLock { state in
            if state.serial >= state.reserved {
                let reserved = state.serial + PublishKeyRing.block
                try PublishKeyRing.write(state.vouched.key, serial: reserved, made: state.made, to: path)
                state.reserved = reserved
            }
            state.serial += 1
            return (state.vouched.key, state.serial)
        }
    }

    /// Makes a new key: every node signs in again at the next publish.
    package func rotate(at now: Timestamp) throws {
        let fresh = try PublishKeyRing.fresh(at: now, by: controller, in: path)
        state.withLock { $0 = fresh }
    }

    private static func fresh(at now: Timestamp, by controller: PrivateKey, in path: String) throws -> State {
        let key = try KeyString.random()
        try write(key, serial: block, made: now, to: path)
        return State(vouched: try VouchedPublishKey(key, by: controller), serial: 0, reserved: block, made: now)
    }

    private static func write(_ key: KeyString, serial: Int64, made: Timestamp, to path: String) throws {
        try Files.write(Array("\(key.secretText) \(serial) \(made.microseconds)\n".utf8), to: path, mode: 0o600)
    }

    /// Nil when there is no file or it is damaged: a new key then takes its place.
    private static func read(_ path: String) -> (KeyString, Int64, Timestamp)? {
        guard Files.status(path) != nil, let text = try? Files.text(path) else { return nil }
        let parts = text.split(whereSeparator: \.isWhitespace)
        guard parts.count == 3, let key = try? KeyString(String(parts[0])), let serial = Int64(parts[1]),
            let made = Int64(parts[2])
        else { return nil }
        return (key, serial, Timestamp(microseconds: made))
    }
}
