import MessagePack

/// Reading fields of a message whose peer may have put anything there: the wrong kind is passed over.
extension MessagePackReader {
    /// Where the bytes of a str or bin lie; nil when the value was something else, which is skipped.
    mutating func readTextOrSkip() throws(MessagePackError) -> Range<Int>? {
        let start = self
        switch try next() {
        case .string(let range), .binary(let range): return range
        case .null, .bool, .int, .uint, .float, .double, .ext: return nil
        case .array, .map:
            self = start
            try skip()
            return nil
        }
    }

    /// An integer, or the whole part of a number; nil when the value was something else, which is skipped.
    mutating func readIntOrSkip() throws(MessagePackError) -> Int64? {
        let start = self
        switch try next() {
        case .int(let number): return number
        case .double(let number): return Int64(exactly: number.rounded(.down))
        case .float(let number): return Int64(exactly: number.rounded(.down))
        case .null, .bool, .uint, .string, .binary, .ext: return nil
        case .array, .map:
            self = start
            try skip()
            return nil
        }
    }
}
