import Glibc

/// A file that could not be used: what was tried, on what, and the system's reason.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Operation: String, Sendable, Hashable {
        case read, write, remove
        case makeDirectory = "make the directory"
    }

    package let operation: Operation
    package let path: String
    /// The system's `errno`.
    package let code: Int32

    package init(_ operation: Operation, _ path: String, _ code: Int32) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    package var description: String { "cannot \(operation.rawValue) '\(path)': \(reason)" }

    /// What the system says, without the file.
    package var reason: String { String(cString: strerror(code)) }
}
