import MusterCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Keeps a second daemon off the same state directory: two nodes of one id would both run each job.
///
/// Held until the value goes away; the system frees it when the process ends, however it ends.
package final class StateLock: Sendable {
    private let descriptor: Int32

    /// - Parameter directory: made when it is missing.
    /// - Throws: `StateLockError` when another process holds it, `FileError` when it cannot be made.
    package init(directory: String) throws {
        try Files.makeDirectory(directory)
        let path = "\(directory)/lock"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.write, path, errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw code == EWOULDBLOCK ? StateLockError(directory: directory) : FileError(.write, path, code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// Another daemon runs on the state directory.
package struct StateLockError: Error, Sendable, Hashable, CustomStringConvertible {
    package let directory: String

    package var description: String {
        "the state directory \(directory) is in use by another node: stop it, or give this one its own state_dir and key_dir"
    }
}
