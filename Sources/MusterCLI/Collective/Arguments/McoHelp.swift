/// The help of an application, as `mco help NAME` and `--help` print it.
///
/// Source: MCollective 2.12, `application.rb`, `application_parse_options`; captures of `mco help`.
enum McoHelp {
    static func text(of application: any McoApplication.Type) -> String {
        var lines = ["", application.summary]
        if !application.usage.isEmpty {
            lines.append("")
            lines += application.usage.map { "Usage: \($0)" } + [""]
        }
        if !application.options.isEmpty { lines.append("Application Options") }
        lines += application.options.flatMap(\.helpLines)
        let sections = application.sections
        if sections.contains(.rpc) {
            lines += ["", McoOptions.Section.rpc.rawValue] + McoOptions.rpc.flatMap(\.helpLines)
        }
        lines += McoOptions.always.flatMap(\.helpLines)
        if sections.contains(.common) {
            lines += ["", McoOptions.Section.common.rawValue] + McoOptions.common.flatMap(\.helpLines)
        }
        if sections.contains(.filter) {
            lines += ["", McoOptions.Section.filter.rawValue] + McoOptions.filter.flatMap(\.helpLines)
        }
        lines += ["", "The Marionette Collective \(McoProgram.peerVersion)"]
        return lines.joined(separator: "\n") + "\n"
    }
}
