import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MusterCLI {
    /// The program: the words of this process, run against the world. Does not return.
    package static func main() async -> Never {
        let console = ProcessConsole()
        let context = CommandContext.live(
            connect: { location in
                try ControllerConnection.client(
                    at: location, environment: console.variable("MUSTER_SOCKET"), configured: Roles.controlSocket)
            }, roles: .live)
        let status = await run(CommandLine.arguments, in: context)
        exit(status)
    }
}
