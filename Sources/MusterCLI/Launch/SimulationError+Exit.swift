import MusterCore

extension SimulationError: ExitStatusProviding {
    var exitStatus: ExitStatus {
        switch self {
        case .unreachable: .unreachable
        case .invalidName: .usage
        case .tooManyDescriptors, .tooManyPorts, .keyFile, .processEnded, .cannotStart: .failure
        }
    }
}
