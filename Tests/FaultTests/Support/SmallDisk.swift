import Foundation
import Glibc
import MusterCore
import MusterTestSupport

/// A disk for the controller's state that a test can fill and empty.
///
/// A file system in memory, in a mount namespace of the controller's own: that needs the right to mount. Where there is
/// none (`isMountable`) the size of files is limited instead: as far as the store is concerned that is the same, but small
/// files can still be written.
struct SmallDisk: Sendable {
    enum Kind: String, Sendable { case fileSystem, fileSizeLimit }

    let kind: Kind
    private let figures: ProcessFigures
    private let directory: String

    /// Whether this process may mount. Asked once.
    static let isMountable: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/unshare")
        process.arguments = ["-m", "mount", "-t", "tmpfs", "none", "/mnt"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    /// Starts the controller of a site with its state on such a disk.
    static func startController(of site: FaultSite, _ settings: String = "") async throws -> (ChildProcess, SmallDisk) {
        try FileManager.default.createDirectory(at: site.state, withIntermediateDirectories: true)
        let process: ChildProcess
        if isMountable {
            process = try await site.startController(
                settings, shell: "mount -t tmpfs -o size=6m,mode=0700 none '\(site.state.path)'",
                wrapper: ["/usr/bin/unshare", "-m"])
        } else {
            // The signal that goes with it would end the process.
            process = try await site.startController(settings, shell: "trap '' XFSZ")
        }
        let disk = SmallDisk(
            kind: isMountable ? .fileSystem : .fileSizeLimit, figures: ProcessFigures(pid: process.pid),
            directory: "/proc/\(process.pid)/root\(site.state.path)")
        return (process, disk)
    }

    /// Takes the last byte.
    func fill() async throws {
        guard kind == .fileSystem else { return try await figures.set(.fileSize, 4096) }
        let file = open("\(directory)/fill", O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SiteError("cannot fill the disk: \(String(cString: strerror(errno)))") }
        defer { close(file) }
        for size in [1 << 20, 4096, 1] {
            let piece = [UInt8](repeating: 0, count: size)
            while write(file, piece, size) > 0 {}
        }
    }

    /// Gives it all back.
    func empty() async throws {
        guard kind == .fileSystem else { return try await figures.set(.fileSize, nil) }
        try Files.remove("\(directory)/fill")
    }

    /// What lies in a folder of the state.
    func names(in folder: String) -> [String] { Files.list("\(directory)/\(folder)") }

    /// The content of a file of the state.
    func text(of file: String) throws -> String { try Files.text("\(directory)/\(file)") }
}
