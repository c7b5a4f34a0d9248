import MusterCore
import MusterTestSupport

@testable import Controller

/// A whole controller on loopback with the system's clock.
enum RunningController {
    /// Runs a body with a controller that is up, and stops it.
    ///
    /// - Parameters:
    ///   - directory: Its keys and its state; those of before, if there are any.
    ///   - change: What is to be different from a controller with small keys and ports of its own.
    static func with(
        in directory: TestDirectory, store: any Store, change: (inout ControllerConfiguration) -> Void = { _ in },
        _ body: (Controller, TestLog) async throws -> Void
    ) async throws {
        var configuration = ControllerConfiguration(
            keyDirectory: directory.file("pki"), stateDirectory: directory.file("state"))
        configuration.keyBits = 1024
        configuration.salt.hosts = ["127.0.0.1"]
        (configuration.salt.publishPort, configuration.salt.requestPort) = (0, 0)
        change(&configuration)
        let log = TestLog()
        let controller = try await Controller(configuration, store: store, logger: log.logger)
        let running = Task { try await controller.run() }
        await log.wait(for: "listening")
        do {
            try await body(controller, log)
        } catch {
            running.cancel()
            try await running.value
            throw error
        }
        running.cancel()
        try await running.value
    }
}
