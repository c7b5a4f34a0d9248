import MessagePack
import NIOCore

/// The node's judgement of what arrives on the publish port: verifies, opens, and refuses repetitions.
///
///     ready --sealed with another key--> awaiting sign-in --established / failed--> ready
///
/// Stricter than Salt's minion: the signature is always verified, and first of all, so that nobody but the controller can
/// make a node sign in; an algorithm weaker than configured is refused; a serial is required. While a sign-in is under way, publishes that
/// the old key does not open wait for the new one; each gets one chance with it.
///
/// Not `Sendable`: owned by the loop that reads the publish port.
///
/// Source: Salt 3008, `salt/channel/client.py`, `AsyncPubChannel._decode_payload`; `salt/crypt.py`, `Crypticle`.
package final class PublishVerifier {
    /// What the caller must do with one publish.
    package enum Action: Equatable {
        /// Run the job: the encoded load.
        case deliver([UInt8])
        /// Sign in again, then call ``established(_:)`` or ``signInFailed()``. The publish is kept.
        case signInAgain
        /// Nothing: the publish is kept, and a sign-in is under way.
        case wait
        /// Count and log.
        case drop(PublishRefusal)
    }

    private enum State {
        case ready
        case awaitingSignIn([[UInt8]])
    }

    /// How many publishes wait for a sign-in at most.
    package static let waitingLimit = 64

    private let minimumAlgorithm: SignatureAlgorithm
    private var session: SignInSession
    private var container: Container
    private var lastSerial: Int64 = 0
    private var state = State.ready
    private var buffer = ByteBuffer()

    /// - Parameter minimumAlgorithm: The weakest algorithm that a publish may be signed with (`signing_algorithm`).
    package init(_ session: SignInSession, minimumAlgorithm: SignatureAlgorithm) throws(CryptographyError) {
        self.session = session
        self.minimumAlgorithm = minimumAlgorithm
        container = try Container(session.publishKey)
    }

    /// A publish arrived.
    package func received(_ frame: RawSpan) -> Action {
        do throws(PublishRefusal) {
            let sealed = try signedLoad(of: frame)
            do throws(ContainerError) {
                try container.open(sealed, into: &buffer)
            } catch .wrongMAC {
                return keep(sealed)
            } catch {
                throw .unreadable(error)
            }
            return .deliver(try checkedLoad())
        } catch {
            return .drop(error)
        }
    }

    /// A publish arrived.
    package func received(_ frame: [UInt8]) -> Action { received(frame.span.bytes) }

    /// The node is signed in again: uses the new keys from now on, and gives what is to be done with each publish that
    /// waited, in order.
    ///
    /// Serials start anew only if the key is a new one. Nothing is kept that the new key does not open either.
    package func established(_ session: SignInSession) throws(CryptographyError) -> [Action] {
        if session.publishKey != self.session.publishKey {
            container = try Container(session.publishKey)
            lastSerial = 0
        }
        self.session = session
        let waiting = takeWaiting()
        return waiting.map { sealed in
            do throws(PublishRefusal) {
                do throws(ContainerError) {
                    try container.open(sealed.span.bytes, into: &buffer)
                } catch .wrongMAC {
                    throw PublishRefusal.wrongKey
                } catch {
                    throw PublishRefusal.unreadable(error)
                }
                return .deliver(try checkedLoad())
            } catch {
                return .drop(error)
            }
        }
    }

    /// The sign-in came to nothing: what waited is lost.
    package func signInFailed() -> [Action] { takeWaiting().map { _ in .drop(.wrongKey) } }

    private func takeWaiting() -> [[UInt8]] {
        guard case .awaitingSignIn(let waiting) = state else { return [] }
        state = .ready
        return waiting
    }

    private func keep(_ sealed: RawSpan) -> Action {
        let bytes = sealed.withUnsafeBytes { Array($0) }
        switch state {
        case .ready:
            state = .awaitingSignIn([bytes])
            return .signInAgain
        case .awaitingSignIn(let waiting):
            guard waiting.count < PublishVerifier.waitingLimit else { return .drop(.tooManyWaiting) }
            state = .awaitingSignIn(waiting + [bytes])
            return .wait
        }
    }

    /// The sealed load, when the controller signed it.
    @_lifetime(copy frame)
    private func signedLoad(of frame: RawSpan) throws(PublishRefusal) -> RawSpan {
        let envelope: PublishEnvelope
        do throws(MessageError) { envelope = try PublishEnvelope(frame) } catch { throw .malformed }
        guard let algorithm = envelope.signatureAlgorithm, let signature = envelope.signature else { throw .unsigned }
        guard algorithm >= minimumAlgorithm else { throw .weakAlgorithm(algorithm) }
        let load = frame.extracting(envelope.load)
        guard session.controllerKey.isValid(frame.extracting(signature), over: load, using: algorithm) else {
            throw .invalidSignature
        }
        return load
    }

    /// The opened load in `buffer`, when its serial is new.
    private func checkedLoad() throws(PublishRefusal) -> [UInt8] {
        let load = Array(buffer.readableBytesView)
        guard let serial = PublishVerifier.serial(of: load.span.bytes) else { throw .noSerial }
        guard serial > lastSerial else { throw .replayed(serial: serial, last: lastSerial) }
        lastSerial = serial
        return load
    }

    /// Nil when the load is no map or has no whole number there.
    private static func serial(of load: RawSpan) -> Int64? {
        var serial: Int64?
        do throws(MessagePackError) {
            var reader = MessagePackReader(load)
            for _ in 0..<(try reader.readMap()) {
                if let key = try reader.readTextOrSkip(), reader.matches(key, "serial") {
                    serial = try reader.readInt()
                } else {
                    try reader.skip()
                }
            }
            try reader.finish()
        } catch {
            return nil
        }
        return serial
    }
}
