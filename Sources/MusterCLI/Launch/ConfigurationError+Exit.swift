import DaemonSupport

extension ConfigurationError: ExitStatusProviding {
    var exitStatus: ExitStatus { .configuration }
}
