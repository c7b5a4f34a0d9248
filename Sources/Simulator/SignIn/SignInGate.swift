import DequeModule

/// Lets nodes sign in, so many at a time, in the order in which they came.
///
/// Until somebody has heard from the controller only one may try: the others then know the controller's key, and prove
/// it with a token as nodes do that come back.
///
/// Owner: the fleet's event loop.
final class SignInGate {
    private let limit: Int
    private var isOpen = false
    private var underWay = 0
    private var waiting: Deque<SimulatedNode> = []

    init(limit: Int) { self.limit = limit }

    /// Whether anybody has heard from the controller.
    var hasContact: Bool { isOpen }

    /// The node is called (`mayBegin`) when it is its turn, at once perhaps.
    func enter(_ node: SimulatedNode) {
        waiting.append(node)
        admit()
    }

    /// A node that was called is done, well or not.
    func leave() {
        underWay -= 1
        admit()
    }

    /// The controller has spoken.
    func open() {
        isOpen = true
        admit()
    }

    private func admit() {
        while underWay < (isOpen ? limit : 1), let node = waiting.popFirst() {
            underWay += 1
            node.beginSignIn()
        }
    }
}
