#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MusterCLI {
    /// The program: the words of this process, run against the world. Does not return.
    ///
    /// - Parameters:
    ///   - roles: what runs in this process; the executable brings the daemons.
    ///   - controlSocket: the socket that a configuration names; the usual one when the location names none.
    ///   - brokerSocket: The same of a broker.
    package static func main(
        roles: Roles, controlSocket: @escaping @Sendable (ControllerLocation) throws -> String,
        brokerSocket: @escaping @Sendable (BrokerLocation) throws -> String
    ) async -> Never {
        let console = ProcessConsole()
        let context = CommandContext.live(
            connect: { location in
                try ControllerConnection.client(
                    at: location, environment: console.variable("MUSTER_SOCKET"), configured: controlSocket)
            },
            connectBroker: { location in
                try BrokerConnection.client(
                    at: location, environment: console.variable("MUSTER_BROKER_SOCKET"), configured: brokerSocket)
            }, roles: roles)
        let status = await run(CommandLine.arguments, in: context)
        exit(status)
    }
}
