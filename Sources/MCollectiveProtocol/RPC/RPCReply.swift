package import MusterCore

/// What an action answers.
///
/// Source: MCollective 2.12, `rpc/reply.rb`.
package struct RPCReply: Hashable, Sendable {
    package var status: RPCStatus
    /// `OK`, or what went wrong.
    package var message: String
    /// The outputs by name. On the wire their keys are symbols; some of the values may be too.
    package var data: RubyHash

    package init(_ status: RPCStatus = .ok, message: String = "OK", data: RubyHash = [:]) {
        self.status = status
        self.message = message
        self.data = data
    }

    /// An answer with outputs of ours.
    package init(_ status: RPCStatus = .ok, message: String = "OK", outputs: ValueMap) {
        self.init(status, message: message, data: RubyValue(symbols: outputs).hash ?? [:])
    }

    /// Reads a body. Keys may be symbols or text; a code that does not exist is an unknown error.
    package init(body: RubyValue) throws(RPCError) {
        guard let hash = body.hash else { throw .notAHash }
        guard let code = hash[named: "statuscode"] else { throw .missing(field: "statuscode") }
        guard let number = code.int else { throw .invalid(field: "statuscode") }
        status = RPCStatus(rawValue: number) ?? .unknownError
        message = hash[named: "statusmsg"]?.text ?? ""
        switch hash[named: "data"] {
        case .hash(let data): self.data = data
        case nil, .null: data = [:]
        default: throw .invalid(field: "data")
        }
    }

    /// The body as the peers write it.
    package var body: RubyValue {
        .hash([
            (.symbol("statuscode"), .int(status.rawValue)), (.symbol("statusmsg"), .text(message)),
            (.symbol("data"), .hash(data)),
        ])
    }

    /// The outputs as the rest of Muster sees them.
    package var outputs: ValueMap { RubyValue.hash(data).value.map ?? [:] }
}

/// How a call ended. The raw values are those of the wire.
package enum RPCStatus: Int64, Hashable, Sendable, CaseIterable {
    case ok = 0
    /// The action gave up, or the caller may not call it.
    case aborted = 1
    /// Declared and not there.
    case unknownAction = 2
    case missingData = 3
    /// Refused by the DDL, whatever the reason: an unknown action and a missing input too.
    case invalidData = 4
    case unknownError = 5

    /// What clients print behind the sender.
    package var label: String {
        switch self {
        case .ok: ""
        case .aborted: "Request Aborted"
        case .unknownAction: "Unknown Action"
        case .missingData: "Missing Request Data"
        case .invalidData: "Invalid Request Data"
        case .unknownError: "Unknown Request Status"
        }
    }
}
