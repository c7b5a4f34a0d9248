import ArgumentParser
import DaemonSupport
import MusterCore

/// Where simulated nodes sign in, what they are called, and how many processes and connections they share.
struct SimulationPlaceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The controller's host and request port.",
            discussion: "IPv6 in brackets: [2001:db8::1]:4506. Without a port: 4506.", valueName: "host[:port]"))
    var controller = "127.0.0.1"
    @Option(
        help: ArgumentHelp(
            "MCollective's server.cfg: nodes of a collective, behind its brokers.",
            discussion:
                "They answer discovery and the agent rpcutil. What is about keys, signing in and answers has no meaning for them.",
            valueName: "file"))
    var collective: String?
    @Option(help: ArgumentHelp("What ids begin with.", valueName: "text")) var prefix = "sim"
    @Option(help: ArgumentHelp("The number of the first node.", valueName: "number")) var first = 1
    @Option(
        help: ArgumentHelp(
            "How many processes share the nodes.", discussion: "Default: as many as their descriptors need.",
            valueName: "number"))
    var processes: Int?
    @Option(
        help: ArgumentHelp(
            "How many request connections the nodes share.", discussion: "Default: one each.", valueName: "number"))
    var requestConnections: Int?

    private static let defaultPort = 4506

    func validate() throws {
        guard HostPort(controller, defaultPort: Self.defaultPort) != nil else {
            throw ValidationError("'\(controller)' is no host with a port: write host, host:4506 or [2001:db8::1]:4506")
        }
        guard NodeID(prefix + "00001") != nil else {
            throw ValidationError("--prefix: node ids are texts without '/', '\\' and control characters")
        }
        guard first >= 0 else { throw ValidationError("--first takes a number of 0 or more") }
        guard processes.map({ (1...256).contains($0) }) ?? true else {
            throw ValidationError("--processes takes 1 to 256")
        }
        guard requestConnections.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--request-connections takes 1 or more")
        }
    }

    func apply(to settings: inout SimulationSettings) {
        if let endpoint = HostPort(controller, defaultPort: Self.defaultPort) {
            (settings.host, settings.requestPort) = (endpoint.host, endpoint.port)
        }
        settings.collectiveFile = collective
        settings.names.prefix = prefix
        settings.names.first = first
        settings.processes = processes
        settings.requestConnections = requestConnections
    }

    /// The words that give a process its share.
    func arguments(_ share: SimulationPlan.Share) -> [String] {
        [
            "--controller=\(controller)", "--prefix=\(prefix)", "--first=\(share.first)", "--processes=1",
            "--request-connections=\(share.requestConnections)",
        ] + (collective.map { ["--collective=\($0)"] } ?? [])
    }
}
