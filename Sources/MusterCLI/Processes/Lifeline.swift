#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A pipe that tells children when this process is gone: nothing is ever written, and only this process can write.
final class Lifeline: Sendable {
    /// What children get as their standard input.
    let readingEnd: Int32
    private let writingEnd: Int32

    /// - Throws: `CommandFailure` when the system has no more descriptors.
    init() throws(CommandFailure) {
        let ends = try PipeEnds()
        (readingEnd, writingEnd) = (ends.reading, ends.writing)
    }

    deinit {
        close(readingEnd)
        close(writingEnd)
    }

    /// Ends this process as SIGTERM does when its standard input comes to its end.
    static func endWithInput() {
        SystemThread.detach {
            var buffer: [UInt8] = [0]
            while true {
                let count = read(STDIN_FILENO, &buffer, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
        }
    }
}
