package import MusterCore
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension CommandContext {
    /// The context of the program: its terminal, its clock, its user, its signals.
    package static func live(
        connect: @escaping @Sendable (ControllerLocation) async throws -> any ControllerService,
        connectBroker: @escaping @Sendable (BrokerLocation) async throws -> any BrokerService, roles: Roles
    ) -> CommandContext {
        CommandContext(
            console: ProcessConsole(), connect: connect, connectBroker: connectBroker, roles: roles, user: loginName(),
            now: { .now },
            sleep: { try await Task.sleep(for: $0) },
            interrupts: {
                let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm, .sighup)
                let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
                let task = Task { for await _ in signals { continuation.yield() } }
                continuation.onTermination = { _ in task.cancel() }
                return stream
            })
    }

    /// The caller as Salt names it: `sudo_NAME` behind sudo, else the login name of the process.
    private static func loginName() -> String {
        if getuid() == 0, let name = getenv("SUDO_USER"), name.pointee != 0 { return "sudo_" + String(cString: name) }
        guard let entry = getpwuid(getuid()) else { return "uid \(getuid())" }
        return String(cString: entry.pointee.pw_name)
    }
}
