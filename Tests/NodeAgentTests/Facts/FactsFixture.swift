import Foundation
import MusterCore
import MusterTestSupport
import Testing

@testable import NodeAgent

/// A directory tree below a temporary root, removed with the last reference to it.
final class FileTree: Sendable {
    private let directory: TestDirectory
    let root: String

    init(_ files: [String: String] = [:], directories: [String] = [], links: [String: String] = [:]) throws {
        directory = try TestDirectory()
        root = directory.path
        for name in directories + [""] {
            try FileManager.default.createDirectory(atPath: path(name), withIntermediateDirectories: true)
        }
        for (name, content) in files {
            let directory = URL(filePath: path(name)).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try content.write(toFile: path(name), atomically: false, encoding: .utf8)
        }
        for (name, target) in links {
            let directory = URL(filePath: path(name)).deletingLastPathComponent().path
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: path(name), withDestinationPath: target)
        }
    }

    var files: SystemFiles { SystemFiles(root: root) }

    func path(_ name: String) -> String { name.hasPrefix("/") ? root + name : "\(root)/\(name)" }

    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}

/// The data that tests of several targets share.
func vectors(_ path: String) throws -> [Value] {
    try #require(try PackageFile.json("Tests/Vectors/\(path)").array)
}

/// Runs programs with Foundation, for tests that compare with the machine's own tools.
struct FoundationProcesses: ProcessRunning {
    func run(_ command: ProcessCommand) async throws -> ProcessResult {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command.arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = Array(output.fileHandleForReading.readDataToEndOfFile())
        process.waitUntilExit()
        return ProcessResult(
            processID: Int(process.processIdentifier), exitCode: Int(process.terminationStatus), output: bytes,
            error: [],
            isOutputCut: false)
    }
}

extension FactsSource {
    /// A made-up machine: the given files, one loopback and one Ethernet interface, no programs run.
    static func fixture(_ tree: FileTree) -> FactsSource {
        FactsSource(
            files: tree.files,
            kernel: Kernel(
                name: "Linux", nodeName: "web1", release: "6.1.0-18-amd64", version: "#1 SMP Debian", machine: "x86_64"),
            interfaces: { NetworkInterface.fixtures },
            names: NameResolver(
                hostName: { "web1" }, canonicalName: { "\($0).example.org" },
                addresses: { _ in [IPAddress("192.0.2.10"), IPAddress("2001:db8::10")].compactMap { $0 } },
                name: { $0.isIPv4 ? "web1.example.org" : nil }),
            environment: ["PATH": "/opt/bin:/usr/bin", "LANG": "de_DE.utf8"],
            identity: ProcessIdentity(
                processID: 42, userID: 0, groupID: 0, userName: "root", groupName: "root", workingDirectory: "/",
                executable: "/usr/bin/muster"),
            timeZoneName: { "CET" }, processes: nil)
    }
}

extension NetworkInterface {
    static let fixtures: [NetworkInterface] = {
        func address(_ text: String, _ length: Int, broadcast: String? = nil, label: String = "eth0") -> Address {
            Address(
                address: IPAddress(text)!, prefixLength: length, broadcast: broadcast.flatMap { IPAddress($0) },
                label: label)
        }
        var lo = NetworkInterface(name: "lo", isUp: true, parent: nil, hardwareAddress: "00:00:00:00:00:00")
        lo.add(address("127.0.0.1", 8, label: "lo"))
        lo.add(address("::1", 128))
        var eth0 = NetworkInterface(name: "eth0", isUp: true, parent: "if7", hardwareAddress: "02:00:00:00:00:01")
        eth0.add(address("192.0.2.10", 24, broadcast: "192.0.2.255"))
        eth0.add(address("192.0.2.9", 24, broadcast: "192.0.2.255", label: "eth0:1"))
        eth0.add(address("2001:db8::10", 64))
        eth0.add(address("fe80::1", 64))
        return [lo, eth0, NetworkInterface(name: "tun0", isUp: false, parent: nil, hardwareAddress: nil)]
    }()
}
