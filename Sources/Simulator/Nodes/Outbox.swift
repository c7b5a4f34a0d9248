import MusterCore
import SaltProtocol

/// What a node must tell its controller.
enum Errand {
    case pillar
    case start
    case answer(ReturnTemplate, wasHeld: Bool = false)
}

/// The errands of a node, oldest first, bounded.
struct Outbox {
    /// Beyond this the oldest return that is not on its way is lost.
    static let limit = SimulationSettings.heldAnswersOfNode

    private var errands: [Errand] = []

    var isEmpty: Bool { errands.isEmpty }
    var first: Errand? { errands.first }

    /// - Returns: False when something was lost for it.
    mutating func add(_ errand: Errand) -> Bool {
        errands.append(errand)
        guard errands.count > Self.limit else { return true }
        errands.remove(at: 1)
        return false
    }

    mutating func removeFirst() -> Errand? { errands.isEmpty ? nil : errands.removeFirst() }
}
