package import MCollectiveProtocol
package import MusterCore

/// The audit log of the provider `logfile`: a line for each call that was let in.
///
///     [YYYY-MM-DD HH:MM:SS UTC] reqid=ID: reqtime=SECONDS caller=CALLER@SENDER agent=AGENT action=ACTION data={…}
///
/// Source: MCollective 2.12, `audit/logfile.rb`.
package struct AuditLog: Sendable, Hashable {
    /// Where the peers write when nothing is said.
    package static let standardPath = "/var/log/puppetlabs/mcollective/mcollective-audit.log"

    package let path: String

    package init(path: String) { self.path = path }

    /// Appends the line of a call. The file is opened each time, so that it can be rotated.
    package func record(_ request: CollectiveRequest, action: String, at time: Timestamp) throws {
        try FileAccess.append(
            Array((AuditLog.line(request, action: action, at: time) + "\n").utf8), to: path, mode: 0o600)
    }

    /// The line of a call. What peers may write freely stands in quotes when it could be more than one word.
    package static func line(_ request: CollectiveRequest, action: String, at time: Timestamp) -> String {
        let data = request.body.hash?[named: "data"] ?? .hash([:])
        return "[\(date(time)) UTC] reqid=\(word(request.requestID)): reqtime=\(request.time.seconds) "
            + "caller=\(request.callerID)@\(word(request.senderID)) agent=\(word(request.agent)) action=\(word(action)) "
            + "data=\(RubyText.inspect(data))"
    }

    private static func word(_ text: String) -> String {
        Identity.isValid(text) ? text : RubyText.inspect(.text(text))
    }

    private static func date(_ time: Timestamp) -> String {
        let date = time.utc
        func digits(_ number: Int, _ count: Int = 2) -> String {
            String(repeating: "0", count: max(0, count - String(number).count)) + String(number)
        }
        return "\(digits(date.year, 4))-\(digits(date.month))-\(digits(date.day)) "
            + "\(digits(date.hour)):\(digits(date.minute)):\(digits(date.second))"
    }
}
