import MusterCore

extension Roles {
    /// The roles of this program.
    static let live = Roles(
        controller: { _ in throw CommandFailure(.failure, "this build has no controller") },
        node: { _ in throw CommandFailure(.failure, "this build has no node") },
        call: { _, _ in throw CommandFailure(.failure, "this build has no node") },
        diagnose: { _ in throw CommandFailure(.failure, "this build reads no configuration") })

    /// The control socket that a configuration names; nil when the location names no configuration.
    static func controlSocket(_ location: ControllerLocation) throws -> String? { nil }
}
