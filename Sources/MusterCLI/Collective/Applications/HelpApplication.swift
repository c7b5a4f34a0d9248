import MCollectiveProtocol

/// `mco help [APPLICATION]`.
///
/// Source: MCollective 2.12, `application/help.rb`.
struct HelpApplication: McoApplication {
    static let name = "help"
    static let summary = "Application list and help"
    static let usage = ["rpc help [application name]"]
    static let isLocal = true

    private let application: (any McoApplication.Type)?

    init(_ invocation: McoInvocation) throws {
        application = try invocation.words.first.map { name in
            guard let application = McoApplications.named(name) else {
                throw McoFailure("there is no application '\(name)'")
            }
            return application
        }
    }

    func run(in world: McoWorld) async throws -> Int32 {
        if let application {
            try world.puts(McoHelp.text(of: application))
        } else {
            let lines = McoApplications.all.map { "  \(RubyText.padded($0.name, 15)) \($0.summary)\n" }
            try world.puts("The Marionette Collective version \(McoProgram.peerVersion)\n\n\(lines.joined())\n")
        }
        return 0
    }
}
