#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe by which a child's standard output is read, line by line.
struct OutputPipe: Sendable {
    private let readingEnd: Int32
    /// What the child gets; to be closed here when it has it, or the end is never seen.
    let writingEnd: Int32

    /// - Throws: `CommandFailure` when the system has no more descriptors.
    init() throws(CommandFailure) {
        let ends = try PipeEnds()
        (readingEnd, writingEnd) = (ends.reading, ends.writing)
    }

    func closeWritingEnd() { close(writingEnd) }

    /// Reads to the end, blocking the thread, and closes the pipe.
    func forEachLine(_ body: (String) -> Void) {
        var rest: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = read(readingEnd, &chunk, chunk.count)
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { break }
            rest += chunk[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                body(String(decoding: rest[..<end], as: UTF8.self))
                rest.removeSubrange(...end)
            }
        }
        close(readingEnd)
    }
}
