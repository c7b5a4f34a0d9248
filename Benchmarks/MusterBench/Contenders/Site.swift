import DaemonSupport
import Foundation

/// What a run uses: programs and the place for their files.
struct Site: Sendable {
    /// Our program, built like this one; for the controller and the command line.
    let muster: String
    /// A copy of it, for real and simulated nodes: they share no pages with a controller beside them, which would make
    /// the memory of both look smaller than it is on machines of their own.
    let nodes: String
    /// Where an unchanged Salt is installed, or why it is not used.
    let salt: SaltInstallation
    /// Of the whole run; each stage has a directory of its own below it.
    let directory: TemporaryDirectory
    /// The user everything runs as.
    let user: String
    let descriptorLimit: Int

    init(muster: String, salt: SaltInstallation, directory: TemporaryDirectory, descriptorLimit: Int) throws {
        self.muster = muster
        self.salt = salt
        self.directory = directory
        self.descriptorLimit = descriptorLimit
        nodes = directory.file("muster-nodes")
        user = NSUserName()
        try FileManager.default.copyItem(atPath: muster, toPath: nodes)
    }

    /// Where the scripts are that start other brokers: in the sources that this program was built from, while they are there.
    var peerScripts: String? {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let directory = "/\(root)/scripts/peers"
        return FileManager.default.fileExists(atPath: directory) ? directory : nil
    }

    /// The key pair that all simulated nodes share, made by the first of them.
    var nodeKey: String { directory.file("nodes.pem") }
}

/// Whether there is a Salt to compare with.
enum SaltInstallation: Sendable {
    /// The directory of its programs.
    case programs(String)
    case absent(reason: String)

    /// One of its programs, as `salt-master`.
    func program(_ name: String) throws(BenchFailure) -> String {
        switch self {
        case .programs(let directory): return "\(directory)/\(name)"
        case .absent(let reason): throw BenchFailure(reason)
        }
    }
}
