import MessagePack

extension MessagePackReader {
    /// Reads a map's key when it is text or bytes, or passes over it and gives nil.
    mutating func readKey() throws(MessagePackError) -> Range<Int>? {
        let start = self
        do throws(MessagePackError) {
            return try readString()
        } catch {
            guard case .unexpectedKind = error else { throw error }
            self = start
            try skip()
            return nil
        }
    }
}
