/// Why a simulation cannot be, or ends before it was told to.
package enum SimulationError: Error, Sendable, Hashable {
    /// The nodes of a process need more descriptors than it may have.
    case tooManyDescriptors(nodes: Int, needed: Int, limit: Int)
    /// The nodes need more local ports towards the controller than the system gives out.
    case tooManyPorts(nodes: Int, available: Int)
    /// Names of nodes that are no valid ids.
    case invalidName(String)
    /// A key file cannot be used.
    case keyFile(path: String, reason: String)
    /// Nobody answered from the beginning.
    case unreachable(endpoint: String, reason: String)
    /// A process of the simulation ended before its time.
    case processEnded(number: Int, how: String)
    /// A process of the simulation cannot be started.
    case cannotStart(reason: String)
}

extension SimulationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .tooManyDescriptors(let nodes, let needed, let limit):
            "\(nodes) nodes in one process need \(needed) file descriptors, and it may have \(limit): raise the hard limit "
                + "(ulimit -Hn), take more --processes, or share request connections with --request-connections"
        case .tooManyPorts(let nodes, let available):
            "\(nodes) nodes need as many local ports towards one controller, and there are \(available): widen "
                + "net.ipv4.ip_local_port_range (sysctl)"
        case .invalidName(let name):
            "'\(name)' cannot be the name of a node: no '/', '\\' and control characters, at most 255 bytes"
        case .keyFile(let path, let reason):
            "\(path): \(reason)"
        case .unreachable(let endpoint, let reason):
            "no controller answers at \(endpoint): \(reason)"
        case .processEnded(let number, let how):
            "process \(number) of the simulation ended \(how)"
        case .cannotStart(let reason):
            "a process of the simulation cannot be started: \(reason)"
        }
    }
}
