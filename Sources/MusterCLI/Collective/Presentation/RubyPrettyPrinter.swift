import MCollectiveProtocol

/// Ruby's `pp`: a value in one line when it fits, else broken at the outermost bracket first.
///
/// The algorithm is Oppen's as Ruby has it: what cannot be placed yet waits in a buffer, and when the line gets too long
/// the outermost group that still can be broken is.
///
/// Source: Ruby 3.1, `prettyprint.rb`, `pp.rb`.
struct RubyPrettyPrinter {
    private enum Piece {
        case text(String, width: Int)
        case breakable(String, width: Int, indent: Int, group: Int)
    }

    private struct Group {
        let depth: Int
        /// How many of its breakables wait in the buffer.
        var waiting = 0
        var isBroken = false
    }

    private let maxWidth: Int
    private var output = ""
    private var outputWidth = 0
    private var buffer: [Piece] = []
    private var bufferWidth = 0
    private var groups = [Group(depth: 0)]
    /// The groups that are open, the innermost last.
    private var stack = [0]
    /// The groups that can still be broken, by depth.
    private var queue: [[Int]] = [[0]]
    private var indent = 0

    /// The lines of a value, at least one, without ends.
    static func lines(_ value: RubyValue, width: Int = 79) -> [String] {
        var printer = RubyPrettyPrinter(maxWidth: width)
        printer.print(value)
        printer.flush()
        return printer.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    private init(maxWidth: Int) { self.maxWidth = maxWidth }

    // MARK: Values

    private mutating func print(_ value: RubyValue) {
        group { printer in
            switch value {
            case .array(let elements): printer.print(elements)
            case .hash(let hash): printer.print(hash)
            case .string(let string): printer.print(string)
            case .null, .bool, .int, .big, .double, .symbol, .regexp: printer.text(RubyText.inspect(value))
            }
        }
    }

    private mutating func print(_ elements: [RubyValue]) {
        group(1, "[", "]") { printer in
            for (place, element) in elements.enumerated() {
                if place > 0 { printer.comma() }
                printer.print(element)
            }
        }
    }

    private mutating func print(_ hash: RubyHash) {
        group(1, "{", "}") { printer in
            for (place, pair) in hash.pairs.enumerated() {
                if place > 0 { printer.comma() }
                printer.group { printer in
                    printer.print(pair.key)
                    printer.text("=>")
                    printer.group(1) { printer in
                        printer.breakable("")
                        printer.print(pair.value)
                    }
                }
            }
        }
    }

    /// A text of several lines is printed as the sum of them.
    private mutating func print(_ string: RubyString) {
        let lines = string.bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
        let ends = lines.count - 1
        let pieces = lines.enumerated().map { $0 < ends ? Array($1) + [0x0a] : Array($1) }.filter { !$0.isEmpty }
        guard pieces.count > 1 else { return text(RubyText.inspect(.string(string))) }
        group { printer in
            for (place, piece) in pieces.enumerated() {
                if place > 0 {
                    printer.text(" +")
                    printer.breakable(" ")
                }
                printer.print(.string(RubyString(bytes: piece, encoding: string.encoding)))
            }
        }
    }

    private mutating func comma() {
        text(",")
        breakable(" ")
    }

    // MARK: Layout

    private mutating func group(
        _ indent: Int = 0, _ open: String = "", _ close: String = "", _ body: (inout RubyPrettyPrinter) -> Void
    ) {
        text(open)
        let id = groups.count
        let depth = groups[stack[stack.count - 1]].depth + 1
        groups.append(Group(depth: depth))
        stack.append(id)
        while queue.count <= depth { queue.append([]) }
        queue[depth].append(id)
        self.indent += indent
        body(&self)
        self.indent -= indent
        stack.removeLast()
        if groups[id].waiting == 0 { forget(id) }
        text(close)
    }

    private mutating func text(_ text: String) {
        let width = text.unicodeScalars.count
        guard let last = buffer.last else {
            output += text
            outputWidth += width
            return
        }
        if case .text(let before, let beforeWidth) = last {
            buffer[buffer.count - 1] = .text(before + text, width: beforeWidth + width)
        } else {
            buffer.append(.text(text, width: width))
        }
        bufferWidth += width
        breakOutermostGroups()
    }

    private mutating func breakable(_ separator: String) {
        let group = stack[stack.count - 1]
        if groups[group].isBroken {
            flush()
            output += "\n" + String(repeating: " ", count: indent)
            outputWidth = indent
            bufferWidth = 0
        } else {
            let width = separator.count
            buffer.append(.breakable(separator, width: width, indent: indent, group: group))
            groups[group].waiting += 1
            bufferWidth += width
            breakOutermostGroups()
        }
    }

    private mutating func breakOutermostGroups() {
        while maxWidth < outputWidth + bufferWidth {
            guard let group = outermostGroup() else { return }
            var taken = 0
            while groups[group].waiting > 0 {
                place(buffer[taken])
                taken += 1
            }
            while taken < buffer.count, case .text = buffer[taken] {
                place(buffer[taken])
                taken += 1
            }
            buffer.removeFirst(taken)
        }
    }

    /// Writes a piece of the buffer.
    private mutating func place(_ piece: Piece) {
        switch piece {
        case .text(let text, let width):
            output += text
            outputWidth += width
            bufferWidth -= width
        case .breakable(let separator, let width, let indent, let group):
            groups[group].waiting -= 1
            bufferWidth -= width
            if groups[group].isBroken {
                output += "\n" + String(repeating: " ", count: indent)
                outputWidth = indent
            } else {
                if groups[group].waiting == 0 { forget(group) }
                output += separator
                outputWidth += width
            }
        }
    }

    private mutating func flush() {
        for piece in buffer { place(piece) }
        buffer = []
        bufferWidth = 0
    }

    /// Takes the outermost group with something to break out of the queue and breaks it.
    private mutating func outermostGroup() -> Int? {
        for depth in queue.indices {
            if let place = queue[depth].lastIndex(where: { groups[$0].waiting > 0 }) {
                let group = queue[depth].remove(at: place)
                groups[group].isBroken = true
                return group
            }
            for group in queue[depth] { groups[group].isBroken = true }
            queue[depth] = []
        }
        return nil
    }

    private mutating func forget(_ group: Int) {
        queue[groups[group].depth].removeAll { $0 == group }
    }
}
