import DaemonSupport
import Logging

/// The logs of daemons: one line each on standard error.
enum RoleLogger {
    /// - Parameter level: a name of swift-log; `info` when it is none.
    static func make(_ label: String, level: String) -> Logger {
        Logger(label: label) { _ in
            LineLogHandler(level: Logger.Level(rawValue: level) ?? .info, style: LineLogHandler.currentStyle)
        }
    }

    /// For libraries that log every step of starting and stopping: only what goes wrong.
    static func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }
}
