import Glibc
import MusterCore

/// A directory of a test, removed with everything in it at the end.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        path = "\(base)/muster-test-\(UInt64.random(in: 0...UInt64.max))"
        try Files.makeDirectory(path)
    }

    deinit { TemporaryDirectory.remove(path) }

    private static func remove(_ path: String) {
        for name in Files.list(path) {
            let entry = "\(path)/\(name)"
            if Files.status(entry)?.isDirectory == true { remove(entry) } else { unlink(entry) }
        }
        rmdir(path)
    }
}

/// The root of the package, for the examples that tests run.
let packageRoot = String(#filePath.prefix(upTo: #filePath.range(of: "/Tests/")!))

extension String {
    /// The first place of another text.
    fileprivate func range(of text: String) -> Index? {
        indices.first { self[$0...].hasPrefix(text) }
    }
}
