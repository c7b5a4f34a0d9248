/// `mco describe_filter`: what filters on a command line mean, in words.
///
/// Source: MCollective 2.12, `application/describe_filter.rb`.
struct DescribeFilterApplication: McoApplication {
    static let name = "describe_filter"
    static let summary = "Display human readable interpretation of filters"
    static let usage = ["mco describe_filter -S <filter> -F <filter> -C <filter>"]
    static let sections: Set<McoOptions.Section> = [.filter]
    static let isLocal = true

    init(_ invocation: McoInvocation) {}

    func run(in world: McoWorld) async throws -> Int32 {
        let text = FilterText.text(world.invocation.filter)
        if !text.isEmpty { try world.puts(text) }
        return 0
    }
}
