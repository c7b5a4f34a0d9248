/// One application of `mco`: what it takes, and what it does.
protocol McoApplication: Sendable {
    /// Its name on the command line.
    static var name: String { get }
    /// One line for lists and help.
    static var summary: String { get }
    /// How it is called, a line each; may be empty.
    static var usage: [String] { get }
    /// The options that only it has.
    static var options: [RubyOption] { get }
    /// The sections of options that it shares with others.
    static var sections: Set<McoOptions.Section> { get }
    /// Whether it works without a configuration.
    static var isLocal: Bool { get }

    /// - Throws: ``McoFailure`` or ``McoExit`` for words and options that it cannot do anything with.
    init(_ invocation: McoInvocation) throws

    /// Does the work.
    ///
    /// - Returns: The exit status.
    func run(in world: McoWorld) async throws -> Int32
}

extension McoApplication {
    static var usage: [String] { [] }
    static var options: [RubyOption] { [] }
    static var sections: Set<McoOptions.Section> { Set(McoOptions.Section.allCases) }
    static var isLocal: Bool { false }
}

/// Every application there is.
enum McoApplications {
    /// Sorted by name.
    static let all: [any McoApplication.Type] = [
        CompletionApplication.self, DescribeFilterApplication.self, FactsApplication.self, FilemgrApplication.self,
        FindApplication.self, HelpApplication.self, InventoryApplication.self, NettestApplication.self,
        PackageApplication.self, PingApplication.self, PluginApplication.self, PuppetApplication.self,
        RPCApplication.self, ServiceApplication.self, ShellApplication.self,
    ]

    static func named(_ name: String) -> (any McoApplication.Type)? { all.first { $0.name == name } }
}
