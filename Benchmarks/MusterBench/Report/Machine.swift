import Foundation
import MusterCore

/// Where and with what a run was made; figures without it mean nothing.
struct Machine: Sendable {
    var processor: String
    var cores: Int
    var memoryMegabytes: Int
    var kernel: String
    /// Of the toolchain in PATH, or that it is not known.
    var swift: String
    var musterVersion: String
    /// The three load averages before anything was started.
    var load: String
    var descriptorLimit: Int
    var isDebugBuild: Bool

    /// Looks at this machine.
    static func current() async -> Machine {
        // What cannot be read is named as unknown; it stops no measurement.
        let processors = (try? Files.text("/proc/cpuinfo")) ?? ""
        let memory = (try? Files.text("/proc/meminfo")) ?? ""
        let load = (try? Files.text("/proc/loadavg")) ?? ""
        let kernel = (try? Files.text("/proc/sys/kernel/osrelease")) ?? ""
        let swift = try? await Program("/usr/bin/env", ["swift", "--version"]).run(within: .seconds(60))
        return Machine(
            processor: field("model name", in: processors) ?? "unknown processor",
            cores: ProcessInfo.processInfo.activeProcessorCount,
            memoryMegabytes: (field("MemTotal", in: memory)?.split(separator: " ").first.flatMap { Int($0) } ?? 0)
                / 1024,
            kernel: kernel.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "unknown",
            swift: swift.flatMap { swiftVersion($0.output) } ?? "unknown",
            musterVersion: Muster.version,
            load: load.split(separator: " ").prefix(3).joined(separator: " "),
            descriptorLimit: DescriptorLimit.raise(),
            isDebugBuild: isDebug)
    }

    /// For people, above the table.
    var lines: [String] {
        var lines = [
            "\(cores) cores (\(processor)), \(memoryMegabytes) MB of memory, Linux \(kernel), Swift \(swift), "
                + "\(descriptorLimit) descriptors a process, load before: \(load)."
        ]
        if isDebugBuild { lines.append("A DEBUG BUILD: these figures say nothing about speed.") }
        return lines
    }

    /// For programs.
    var document: Value {
        [
            "processor": .string(processor), "cores": .int(Int64(cores)), "memory_mb": .int(Int64(memoryMegabytes)),
            "kernel": .string(kernel), "swift": .string(swift), "muster": .string(musterVersion),
            "load_before": .string(load), "descriptor_limit": .int(Int64(descriptorLimit)),
            "debug_build": .bool(isDebugBuild),
        ]
    }

    /// The value of the first line `name : value`.
    static func field(_ name: String, in text: String) -> String? {
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].drop { $0.isWhitespace }.prefix { $0 != "\t" }
            if key == name {
                return line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }

    /// `6.3.1` of `Swift version 6.3.1 (swift-6.3.1-RELEASE)`.
    static func swiftVersion(_ text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard let index = words.firstIndex(of: "version"), index + 1 < words.count else { return nil }
        return String(words[index + 1])
    }

    private static var isDebug: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }
}
