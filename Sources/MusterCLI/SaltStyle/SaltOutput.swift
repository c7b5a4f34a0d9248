import MusterCore

/// How Salt's programs print: layout, indentation, colours and file, as their options say.
struct SaltOutput: Sendable {
    /// The layout asked for; nil leaves the choice to the node.
    let outputter: Outputter?
    private let indent: Int?
    private let palette: Palette
    /// Where answers go: the console, with `--out-file` its standard output in a file.
    let sink: any Console

    static let options: [OptionParser.Option] = [
        .init("out", ["--out", "--output"], value: "OUTPUT", .taken, "The layout of answers."),
        .init(
            "out-indent", ["--out-indent", "--output-indent"], value: "N", .taken,
            "Spaces a level, below zero one line."),
        .init("out-file", ["--out-file", "--output-file"], value: "FILE", .taken, "Write the output to a file."),
        .init("out-file-append", ["--out-file-append", "--output-file-append"], .taken, "Append to that file."),
        .init("no-color", ["--no-color", "--no-colour"], .taken, "No colours."),
        .init("force-color", ["--force-color", "--force-colour"], .taken, "Colours even into a pipe."),
        .init(
            "state-output", ["--state-output", "--state_output"], value: "MODE",
            .ignored("states are printed in the nested layout")),
        .init(
            "state-verbose", ["--state-verbose", "--state_verbose"], value: "BOOL",
            .ignored("states are printed in the nested layout")),
        .init("output-diff", ["--output-diff"], .ignored("states are printed in the nested layout")),
    ]

    init(_ options: OptionParser.Result, console: any Console) throws {
        if let name = options["out"] {
            outputter = Outputter(name: name) ?? .nested
            if Outputter(name: name) == nil {
                console.note("[ERROR   ] Invalid outputter \(name) specified, fall back to nested")
            }
        } else {
            outputter = nil
        }
        if let text = options["out-indent"] {
            guard let number = Int(text) else {
                throw OptionError("option --out-indent: invalid integer value: '\(text)'")
            }
            indent = number
        } else {
            indent = nil
        }
        palette =
            if options.has("force-color") {
                .colored
            } else if options.has("no-color") {
                .plain
            } else {
                console.palette(for: .output)
            }
        if let path = options["out-file"] {
            if !options.has("out-file-append") { try Files.write([], to: path, mode: 0o644) }
            sink = FileConsole(path: path, console: console)
        } else {
            sink = console
        }
    }

    /// A value in the layout asked for, or in the one given, with its line end; empty when the layout has nothing to say.
    func text(_ value: Value, in layout: Outputter? = nil, returnCode: Int = 0) -> String {
        let text = (outputter ?? layout ?? .nested)
            .text(value, options: .init(palette: palette, indent: indent, returnCode: returnCode))
        return text.isEmpty ? "" : text + "\n"
    }

    /// Prints a value.
    func show(_ value: Value, in layout: Outputter? = nil, returnCode: Int = 0) throws {
        try sink.write(text(value, in: layout, returnCode: returnCode), to: .output)
    }
}

/// A console whose standard output is a file.
private struct FileConsole: Console {
    let path: String
    let console: any Console

    func write(_ text: String, to stream: ConsoleStream) throws(OutputFailure) {
        guard stream == .output else { return try console.write(text, to: stream) }
        do throws(FileError) {
            try Files.append(Array(text.utf8), to: path, mode: 0o644)
        } catch {
            throw .failed("\(error)")
        }
    }

    func isTerminal(_ stream: ConsoleStream) -> Bool { stream == .diagnostics && console.isTerminal(stream) }
    var columns: Int { console.columns }
    func variable(_ name: String) -> String? { console.variable(name) }
    func readLine() -> String? { console.readLine() }
    func readSecret() -> String? { console.readSecret() }
    var isInteractive: Bool { console.isInteractive }
}
