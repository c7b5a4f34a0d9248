import MusterCore
import NIOCore
import SaltProtocol

/// Verifies, opens and reads what is published under one publish key: once for all nodes of the process.
///
/// All of them get the same bytes, so the last frames are remembered with what was found in them. The serial is for each
/// node to judge: a frame that comes to it a second time is a repetition, one that came to its neighbour is none.
///
/// Owner: the fleet's event loop.
final class PublishDesk {
    enum Finding {
        case job(SharedJob)
        /// Signed by the controller, sealed with another key: sign in again.
        case otherKey
        case refused
    }

    let publishKey: KeyString
    let controllerKey: PublicKey
    private let container: Container
    private var remembered: [(frame: ByteBuffer, finding: Finding)] = []
    private var opened = ByteBuffer()

    private static let memory = 16

    init(_ session: SignInSession) throws(CryptographyError) {
        publishKey = session.publishKey
        controllerKey = session.controllerKey
        container = try Container(session.publishKey)
    }

    /// What a frame says.
    func read(_ frame: ByteBuffer) -> Finding {
        if let known = remembered.last(where: { $0.frame == frame }) { return known.finding }
        let finding = examine(frame)
        // A copy: the frame is a slice of what a connection read, which may be large.
        let entry = (ByteBuffer(bytes: frame.readableBytesView), finding)
        if remembered.count == Self.memory { remembered.removeFirst() }
        remembered.append(entry)
        return finding
    }

    private func examine(_ frame: ByteBuffer) -> Finding {
        let bytes = frame.readableBytesSpan
        guard let envelope = try? PublishEnvelope(bytes), let algorithm = envelope.signatureAlgorithm,
            let signature = envelope.signature
        else { return .refused }
        let sealed = bytes.extracting(envelope.load)
        guard controllerKey.isValid(bytes.extracting(signature), over: sealed, using: algorithm) else {
            return .refused
        }
        do throws(ContainerError) {
            try container.open(sealed, into: &opened)
        } catch .wrongMAC {
            return .otherKey
        } catch {
            return .refused
        }
        guard let load = try? PublishLoad(messagePack: Array(opened.readableBytesView)), load.serial != nil else {
            return .refused
        }
        return .job(SharedJob(load))
    }
}
