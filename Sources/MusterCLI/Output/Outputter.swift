package import MusterCore

/// A layout in which Salt's programs print answers: each turns one value into text, as its namesake in Salt does.
///
/// Source: Salt 3008, `salt/output/`; `newline_values_only` and `quiet` from 3006.
package enum Outputter: String, Sendable, Hashable, CaseIterable {
    case nested, json, yaml, raw, txt, pprint, quiet, key
    case newlineValuesOnly = "newline_values_only"
    case noReturn = "no_return"

    /// The layout of that name, nil when there is none. `text` is `txt`; `highstate` prints as `nested`.
    package init?(name: String) {
        switch name {
        case "text": self = .txt
        case "highstate", "grains": self = .nested
        default: self.init(rawValue: name)
        }
    }

    /// What changes how a layout looks.
    package struct Options: Sendable, Hashable {
        package var palette: Palette
        /// Salt's `--out-indent`; below zero means one line.
        package var indent: Int?
        /// The return code of the answer: failed ones are red.
        package var returnCode: Int

        package init(palette: Palette = .plain, indent: Int? = nil, returnCode: Int = 0) {
            self.palette = palette
            self.indent = indent
            self.returnCode = returnCode
        }
    }

    /// The text to print, without a line end at its end. When it is empty, Salt prints nothing at all, not even a line end.
    package func text(_ value: Value, options: Options = Options()) -> String {
        PythonText.trimmedEnd(layout(value, options) ?? NestedOutput.text(value, options))
    }

    /// Nil when the value has not the shape that the layout is for.
    private func layout(_ value: Value, _ options: Options) -> String? {
        switch self {
        case .nested: NestedOutput.text(value, options)
        case .json: PythonJSON.text(value, indent: options.indent ?? 4)
        case .yaml: YAMLOutput.text(value, indent: options.indent)
        case .raw: value.pythonText
        case .txt: TextOutput.text(value)
        case .pprint: PrettyPrinter.text(value, indent: options.indent.map { $0 < 0 ? 1 : $0 } ?? 1)
        case .quiet: ""
        case .key: KeyOutput.text(value, palette: options.palette)
        case .newlineValuesOnly: NewlineValuesOutput.text(value)
        case .noReturn: NoReturnOutput.text(value, palette: options.palette)
        }
    }
}
