import ArgumentParser
import MusterCore

/// `muster events`: what happens, as it happens.
struct EventsCommand: ContextCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Follow the controller's events.",
        discussion: """
            Each line is the sequence number, the time, the tag and the data. A number given to --from takes the stream up \
            again where it was left; numbers that are gone by then are reported as a gap.

            muster events --tag 'salt/job/*/ret/*'
            """)

    @Option(help: ArgumentHelp("Only events whose tag matches.", valueName: "glob")) var tag = "*"
    @Option(help: ArgumentHelp("From the event after this number; 0 is everything kept.", valueName: "number"))
    var from: Int64?
    @Flag(help: "Stop at the newest event instead of waiting for more.") var noFollow = false
    @OptionGroup var output: JSONOption
    @OptionGroup(title: "Controller") var controller: ControllerOptions

    func validate() throws {
        if let from, from < 0 { throw ValidationError("--from takes a number of 0 or more") }
    }

    func run(in context: CommandContext) async throws -> ExitStatus {
        let query = EventQuery(tag: tag, after: from ?? (noFollow ? 0 : nil), follows: !noFollow)
        let palette = context.console.palette(for: .output)
        for try await batch in try await controller.connect(context).events(query) {
            switch batch {
            case .events(let events):
                for event in events {
                    try context.console.print(
                        output.json ? JSON.text(encoded(event), layout: .spaced) : Self.line(event, palette))
                }
            case .gap(let after, let count):
                if output.json {
                    let gap: Value = ["gap": ["after": .int(after), "count": .int(count)]]
                    try context.console.print(JSON.text(gap, layout: .spaced))
                } else if count == 0 {
                    context.console.note("there is no event \(after) yet: these are what comes from now on")
                } else {
                    let lost = count == 1 ? "1 event" : "\(count) events"
                    let (are, they) = count == 1 ? ("is", "it was") : ("are", "they were")
                    context.console.note("\(lost) after number \(after) \(are) gone: \(they) not read in time")
                }
            }
        }
        return .success
    }

    private static func line(_ event: Event, _ palette: Palette) -> String {
        "\(event.sequence) \(event.time.short) \(palette.paint(event.tag.replacingEscapes(), .cyan)) "
            + JSON.text(event.data, layout: .spaced)
    }
}
