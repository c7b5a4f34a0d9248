package import Foundation
package import MusterCore

/// A program that is run to its end for what it prints.
package struct Program: Sendable {
    /// What a run gave.
    package struct Output: Sendable, CustomStringConvertible {
        package var command: String
        package var status: Int32
        package var standardOutput: String
        package var standardError: String

        package var description: String { "\(command)\nstatus \(status)\n\(standardOutput)\n\(standardError)" }

        /// The output as one JSON value, as `salt --out=json --static` prints it.
        package func json() throws -> Value {
            do { return try JSON.value(standardOutput) } catch { throw SiteError("\(error): \(self)") }
        }

        /// The output as one JSON value a line, as `muster --json` prints it.
        package func jsonLines() throws -> [Value] {
            do {
                return try standardOutput.split(separator: "\n").map { try JSON.value(String($0)) }
            } catch {
                throw SiteError("\(error): \(self)")
            }
        }
    }

    package let executable: URL
    /// Words before those of each run, as the configuration directory.
    package var prefix: [String] = []

    package init(executable: URL, prefix: [String] = []) {
        self.executable = executable
        self.prefix = prefix
    }

    /// Runs the program; it is killed at the limit.
    package func run(_ arguments: [String], within limit: Duration = .seconds(120)) async throws -> Output {
        let words = prefix + arguments
        let command = "\(executable.lastPathComponent) \(words.joined(separator: " "))"
        let output = try TestDirectory()
        let files = ["out", "err"].map { URL(filePath: output.file($0)) }
        for file in files { try Data().write(to: file) }

        let process = Process()
        process.executableURL = executable
        process.arguments = words
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        try process.run()
        do {
            try await poll("'\(command)' ends", within: limit, every: .milliseconds(20)) { !process.isRunning }
        } catch {
            kill(process.processIdentifier, SIGKILL)
            throw error
        }
        return Output(
            command: command, status: process.terminationStatus,
            standardOutput: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
            standardError: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }

    /// Runs the program and expects status 0.
    package func checked(_ arguments: [String], within limit: Duration = .seconds(120)) async throws -> Output {
        let output = try await run(arguments, within: limit)
        guard output.status == 0 else { throw SiteError("failed: \(output)") }
        return output
    }
}
