import Glibc
import MusterCore
import ServiceLifecycle

/// Gives back the pages of program code that are not in use, now and then.
///
/// Most of the program is libraries that a node touches once, while it starts or in a rare function, and the kernel maps
/// sixteen pages for each that is touched: about 20 MB that count as the process's own. Code is never written, so
/// dropping its pages loses nothing: what is needed again comes back from the page cache within microseconds.
/// Measured in docs/PERFORMANCE.md.
struct CodePages: Service {
    /// From the start, when the daemon has signed in, and from one time to the next.
    let interval: Duration

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                while true {
                    try await Task.sleep(for: interval)
                    CodePages.release()
                }
            } catch is CancellationError {
                // The ordinary end.
            }
        }
    }

    /// Drops the pages of every mapping that is a file's code: readable, executable, private, not writable.
    static func release() {
        // Without /proc nothing is dropped, which harms nobody.
        guard let maps = try? Files.text("/proc/self/maps") else { return }
        for line in maps.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count >= 6, fields[1] == "r-xp", fields[5].hasPrefix("/") else { continue }
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            guard bounds.count == 2, bounds[0] < bounds[1], let start = UnsafeMutableRawPointer(bitPattern: bounds[0])
            else { continue }
            madvise(start, Int(bounds[1] - bounds[0]), MADV_DONTNEED)
        }
    }
}
