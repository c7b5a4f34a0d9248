import Foundation
import Glibc
import MusterCore
import MusterTestSupport

/// What the system says about another process.
struct ProcessFigures: Sendable {
    let pid: pid_t

    /// Memory that it has in use, in bytes.
    var residentBytes: Int {
        get throws {
            let lines = try Files.text("/proc/\(pid)/status").split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("VmRSS:") }),
                let kilobytes = line.split(separator: " ").compactMap({ Int($0) }).first
            else { throw SiteError("no VmRSS of \(pid)") }
            return kilobytes << 10
        }
    }

    /// Open files and sockets.
    var descriptors: Int { Files.list("/proc/\(pid)/fd").count }

    /// A limit of the system, as `prlimit` names it.
    enum Limit: String { case openFiles = "nofile", fileSize = "fsize" }

    /// Changes a limit while the process runs; nil gives it all that it may have.
    func set(_ limit: Limit, _ soft: Int?) async throws {
        let program = Program(executable: URL(filePath: "/usr/bin/prlimit"), prefix: ["--pid", "\(pid)"])
        var value = soft.map { "\($0)" } ?? ""
        if soft == nil {
            let hard = try await program.checked(["--\(limit.rawValue)", "--noheadings", "--raw", "--output", "HARD"])
            value = String(hard.standardOutput.prefix { !$0.isWhitespace })
        }
        _ = try await program.checked(["--\(limit.rawValue)=\(value):"])
    }

    /// Lets this process have as many descriptors as the system allows.
    ///
    /// - Returns: How many that is.
    static func raiseOwnDescriptorLimit() -> Int {
        var limits = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        getrlimit(resource, &limits)
        limits.rlim_cur = limits.rlim_max
        setrlimit(resource, &limits)
        getrlimit(resource, &limits)
        return Int(clamping: limits.rlim_cur)
    }
}
