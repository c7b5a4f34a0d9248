import ArgumentParser
import DaemonSupport
import MusterCore

/// Whose keys simulated nodes have.
struct SimulationKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A private key for all nodes, made when it is missing.", discussion: "Default: a new one in memory.",
            valueName: "file"), completion: .file())
    var key: String?
    @Flag(help: "A key for each node, made in memory: ten a second and processor.") var ownKeys = false
    @Option(
        help: ArgumentHelp(
            "Accept the nodes first: put their keys into a controller's key directory (key_dir, pki_dir).",
            valueName: "dir"), completion: .directory)
    var acceptInto: String?

    func validate() throws {
        guard key == nil || !ownKeys else { throw ValidationError("--key and --own-keys: give one of them") }
    }

    func apply(to settings: inout SimulationSettings) {
        settings.keys.file = key
        settings.keys.areOwn = ownKeys
        settings.keys.acceptInto = acceptInto
    }

    var arguments: [String] {
        (key.map { ["--key=\($0)"] } ?? []) + (ownKeys ? ["--own-keys"] : [])
            + (acceptInto.map { ["--accept-into=\($0)"] } ?? [])
    }
}
