/// What a run uses: programs and the place for their files.
struct Site: Sendable {
    /// Our program, built like this one.
    let muster: String
    /// Where an unchanged Salt is installed, or why it is not used.
    let salt: SaltInstallation
    /// Of the whole run; each stage has a directory of its own below it.
    let directory: TemporaryDirectory
    /// The user everything runs as.
    let user: String
    let descriptorLimit: Int

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
