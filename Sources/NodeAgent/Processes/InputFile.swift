import Glibc

/// The standard input of a program as a file in memory, written whole before the program starts.
///
/// Not a pipe: a program that ends without reading its input then breaks nothing. (swift-subprocess 1.0.2 ends the
/// whole process when the program closes a pipe that is still being written.)
enum InputFile {
    /// A descriptor at the start of a file with these bytes; the caller closes it. `/dev/null` when there are none.
    ///
    /// - Throws: `FunctionError.failed` when there is no room or no descriptor left.
    static func descriptor(holding bytes: [UInt8]) throws(FunctionError) -> Int32 {
        guard !bytes.isEmpty else {
            let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw failure(errno) }
            return descriptor
        }
        let name = "/muster-stdin-\(getpid())-\(UInt64.random(in: .min ... .max))"
        let descriptor = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(errno) }
        // From here on only the descriptor leads to it.
        shm_unlink(name)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                throw failure(code)
            }
            written += count
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }

    private static func failure(_ code: Int32) -> FunctionError {
        .failed(reason: "standard input cannot be given: \(String(cString: strerror(code)))")
    }
}
