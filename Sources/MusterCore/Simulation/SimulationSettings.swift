/// What `muster simulate` was asked to simulate: how many nodes, how they behave, and where they sign in.
///
/// The command line makes one, the simulator runs it; neither knows the other.
package struct SimulationSettings: Sendable, Hashable {
    /// How many answers a node keeps: beyond this the oldest that is not on its way is lost.
    package static let heldAnswersOfNode = 256

    /// How many nodes there are: `names` says how they are called.
    package var count: Int
    package var names = Names()
    /// Host and request port of the controller. IPv6 without brackets.
    package var host = "127.0.0.1"
    package var requestPort = 4506
    /// MCollective's `server.cfg`: the nodes are of a collective behind its brokers, and of no controller.
    package var collectiveFile: String?
    package var keys = Keys()
    package var signIn = SignIn()
    package var behaviour = Behaviour()
    /// How many processes share the nodes; nil takes as many as their descriptors need.
    package var processes: Int?
    /// How many request connections the nodes share; nil gives each its own.
    package var requestConnections: Int?
    /// Which of all random choices are made; the same number makes the same ones.
    package var seed: UInt64 = 0

    package init(count: Int) { self.count = count }

    /// What the nodes are called: `sim00001`, `sim00002`, ….
    package struct Names: Sendable, Hashable {
        package var prefix = "sim"
        /// The number of the first one.
        package var first = 1

        package init() {}
    }

    /// Which key pairs the nodes have.
    package struct Keys: Sendable, Hashable {
        /// A file with the one key pair of all nodes, made when it is missing; nil makes one in memory.
        package var file: String?
        /// Each node has a pair of its own, made in memory.
        package var areOwn = false
        /// A directory of Salt's layout that gets the public keys as accepted ones, before anybody signs in.
        package var acceptInto: String?

        package init() {}
    }

    /// How the nodes sign in.
    package struct SignIn: Sendable, Hashable {
        /// How many sign-ins are under way at a time.
        package var concurrency = 64
        /// Sign in once, and end.
        package var isAll = false
        /// Look only whether a reply grants the sign-in; leave its RSA work undone. Only with `isAll`.
        package var isBlind = false

        package init() {}
    }

    /// What nodes do once they are there.
    package struct Behaviour: Sendable, Hashable {
        /// How long a node takes for an answer, give or take half of it.
        package var think = Duration.zero
        /// How many answers are kept until they are let go all at once; 0 keeps none.
        package var heldAnswers = 0
        /// Percent of the nodes that never answer.
        package var silentPercent = 0.0
        /// Percent of the nodes that answer with return code 1.
        package var failingPercent = 0.0
        /// Whether nodes ask for their pillar and announce themselves before they count as connected.
        package var startsUp = true

        package init() {}
    }
}
