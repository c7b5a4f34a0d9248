import DequeModule
import NIOCore

/// Lets nodes sign in, so many at a time, in the order in which they came.
///
/// Until somebody has heard from the controller only one may try: the others then know the controller's key, and prove
/// it with a token as nodes do that come back.
///
/// Owner: the fleet's event loop.
final class SignInGate {
    private let limit: Int
    private let after: (TimeAmount, @escaping () -> Void) -> Void
    private var isOpen = false
    private var underWay = 0
    private var waiting: Deque<NodeLink> = []

    /// - Parameter after: Does something later.
    init(limit: Int, after: @escaping (TimeAmount, @escaping () -> Void) -> Void) {
        self.limit = limit
        self.after = after
    }

    /// Whether anybody has heard from the controller.
    var hasContact: Bool { isOpen }

    /// The node is called (`mayBegin`) when it is its turn, at once perhaps.
    func enter(_ link: NodeLink) {
        waiting.append(link)
        admit()
    }

    /// A node that was called is done, well or not.
    func leave() {
        underWay -= 1
        admit()
    }

    /// A node that was called has got no reply. As long as nobody has had one, one try a second is enough for all.
    func leaveWithoutReply() {
        guard !isOpen else { return leave() }
        after(.seconds(1)) { [weak self] in self?.leave() }
    }

    /// Calls nobody any more.
    func close() { waiting.removeAll() }

    /// The controller has spoken.
    func open() {
        isOpen = true
        admit()
    }

    private func admit() {
        while underWay < (isOpen ? limit : 1), let link = waiting.popFirst() {
            underWay += 1
            link.beginSignIn()
        }
    }
}
