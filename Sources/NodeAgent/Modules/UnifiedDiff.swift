/// The difference of two texts as Python's `difflib.unified_diff` lays it out, three lines of context.
///
/// Lines come from `CollectionDifference`; where several shortest differences exist, the choice may be another than Python's.
enum UnifiedDiff {
    private struct Line {
        let mark: Character
        let text: Substring
        let old: Int
        let new: Int
    }

    static func text(old: String, new: String) -> String {
        let before = lines(old)
        let after = lines(new)
        let script = script(before, after)
        let changed = script.indices.filter { script[$0].mark != " " }
        var result = "--- \n+++ \n"
        var index = 0
        while index < changed.count {
            var last = index
            while last + 1 < changed.count && changed[last + 1] - changed[last] <= 7 { last += 1 }
            let range = max(0, changed[index] - 3)...min(script.count - 1, changed[last] + 3)
            result += hunk(script[range])
            index = last + 1
        }
        return result
    }

    private static func hunk(_ lines: ArraySlice<Line>) -> String {
        guard let first = lines.first else { return "" }
        let old = lines.count { $0.mark != "+" }
        let new = lines.count { $0.mark != "-" }
        var result = "@@ -\(range(first.old, old)) +\(range(first.new, new)) @@\n"
        for line in lines { result += "\(line.mark)\(line.text)" + (line.text.hasSuffix("\n") ? "" : "\n") }
        return result
    }

    private static func range(_ start: Int, _ count: Int) -> String {
        count == 1 ? "\(start + 1)" : "\(count == 0 ? start : start + 1),\(count)"
    }

    private static func script(_ before: [Substring], _ after: [Substring]) -> [Line] {
        let difference = after.difference(from: before)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        var script: [Line] = []
        var old = 0
        var new = 0
        while old < before.count || new < after.count {
            if removed.contains(old) {
                script.append(Line(mark: "-", text: before[old], old: old, new: new))
                old += 1
            } else if inserted.contains(new) {
                script.append(Line(mark: "+", text: after[new], old: old, new: new))
                new += 1
            } else {
                script.append(Line(mark: " ", text: before[old], old: old, new: new))
                old += 1
                new += 1
            }
        }
        return script
    }

    /// Lines with their ends.
    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: "\n").map { rest.index(after: $0) } ?? rest.endIndex
            lines.append(rest[..<end])
            rest = rest[end...]
        }
        return lines
    }
}
