package import MusterCore
import Yams

/// YAML text to and from values, as Salt's `salt.utils.yaml` reads and writes it.
///
/// Reading: one document; YAML 1.1 scalars as PyYAML resolves them (`yes` is true, `1e3` is text), with Salt's own rules on
/// top: a leading zero does not make a number octal, dates stay text, a key that stands twice is an error, `!!binary` gives
/// bytes. Integers beyond 64 bits stay text. Merge keys (`<<`) and aliases are followed. Tags of programming languages are refused.
/// Writing: PyYAML's block layout, text unquoted where it reads back as text.
///
/// Source: Salt 3008, `salt/utils/yamlloader.py`, `yamldumper.py`; PyYAML, `resolver.py`, `constructor.py`.
package enum YAMLText {
    /// In which order the entries of maps are written.
    package enum KeyOrder: Sendable, Hashable {
        /// As they stand in the value.
        case asGiven
        /// By key, as Salt's outputter and its grains file have them.
        case sorted
    }

    /// Reads one document; an empty one is null.
    ///
    /// - Throws: `YAMLError` with line and column.
    package static func value(_ text: String) throws(YAMLError) -> Value {
        let root: Node?
        do {
            let withoutMark = text.first == "\u{feff}" ? String(text.dropFirst()) : text
            root = try Parser(yaml: withoutMark, resolver: .basic, constructor: Constructor([:], [:], [:])).singleRoot()
        } catch {
            throw YAMLError(error)
        }
        guard let root else { return .null }
        var reader = YAMLReader()
        return try reader.value(of: root, depth: 0)
    }

    /// The text of a value, with a line end.
    ///
    /// Bytes are written as JSON writes them: as base64 text.
    package static func text(_ value: Value, keys: KeyOrder = .asGiven) -> String {
        YAMLWriter(keys: keys).text(of: value)
    }
}

/// What is wrong with a YAML text, and where. Never quotes the text: it may hold secrets.
package struct YAMLError: Error, Hashable, Sendable {
    package let reason: String
    /// Counted from 1; nil when the parser did not say.
    package let line: Int?
    package let column: Int?
}

extension YAMLError: CustomStringConvertible {
    package var description: String {
        guard let line, let column else { return "not valid YAML: \(reason)" }
        return "not valid YAML at line \(line), column \(column): \(reason)"
    }
}

extension YAMLError {
    init(_ reason: String, at mark: Mark?) {
        self.init(reason: reason, line: mark?.line, column: mark?.column)
    }

    init(_ error: any Error) {
        guard let error = error as? YamlError else {
            self.init("\(error)", at: nil)
            return
        }
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let reason = context.map { "\($0.text) (line \($0.mark.line)), \(problem)" } ?? problem
            self.init(reason, at: mark)
        case .reader(let problem, let offset, _, let yaml):
            let place = offset.map { YAMLError.place(at: $0, in: yaml) }
            self.init(reason: problem, line: place?.line, column: place?.column)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "'\($0)'" }.joined(separator: ", ")
            self.init("the key \(names) stands more than once in one map", at: context.mark)
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded:
            self.init("the parser failed: \(error)", at: nil)
        }
    }

    private static func place(at offset: Int, in text: String) -> (line: Int, column: Int) {
        let before = text.prefix(offset)
        return (before.count { $0.isNewline } + 1, before.reversed().prefix { !$0.isNewline }.count + 1)
    }
}
