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
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw CommandFailure(.failure, "no pipe can be made: \(String(cString: strerror(errno)))")
        }
        // Children must not hold the writing end themselves.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readingEnd, writingEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readingEnd)
        close(writingEnd)
    }

    /// Ends this process as SIGTERM does when its standard input comes to its end.
    static func endWithInput() {
        Thread.detach {
            var buffer: [UInt8] = [0]
            while true {
                let count = read(STDIN_FILENO, &buffer, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
        }
    }
}

/// A thread of the system, for a read that blocks for the whole life of the process.
private enum Thread {
    private final class Work: Sendable {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    static func detach(_ run: @escaping @Sendable () -> Void) {
        let work = Unmanaged.passRetained(Work(run))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 64 << 10)
        var thread = pthread_t()
        let result = pthread_create(
            &thread, &attributes,
            { argument in
                if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, work.toOpaque())
        if result != 0 { work.release() }
    }
}
