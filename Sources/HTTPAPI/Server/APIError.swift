import HTTPTypes
import Hummingbird
import MusterCore

/// Why the API refused a request before the controller saw it.
enum APIError: Error, Sendable, Hashable {
    /// The body is no JSON.
    case badJSON(JSONError)
    /// The body is JSON, but not what the route takes: where, and what was expected.
    case badField(path: String, reason: String)
    case badParameter(name: String, reason: String)
    case noSuchRoute(method: String, path: String)
    case bodyTooLarge(limitBytes: Int)
    /// The peer is neither root nor the controller's own user.
    case notAllowed(uid: UInt32?)

    var status: HTTPResponse.Status {
        switch self {
        case .badJSON, .badField, .badParameter: .badRequest
        case .noSuchRoute: .notFound
        case .bodyTooLarge: .contentTooLarge
        case .notAllowed: .forbidden
        }
    }

    /// A stable word for programs.
    var code: String {
        switch self {
        case .badJSON: "bad-json"
        case .badField: "bad-field"
        case .badParameter: "bad-parameter"
        case .noSuchRoute: "no-such-route"
        case .bodyTooLarge: "body-too-large"
        case .notAllowed: "not-allowed"
        }
    }
}

extension APIError: CustomStringConvertible {
    var description: String {
        switch self {
        case .badJSON(let error): "the request body is \(error)"
        case .badField(let path, let reason): "the request body at \(path.isEmpty ? "the top" : "'\(path)'"): \(reason)"
        case .badParameter(let name, let reason): "parameter '\(name)': \(reason)"
        case .noSuchRoute(let method, let path):
            "there is no \(method) \(path) here: docs/api.md and docs/broker.md list the routes"
        case .bodyTooLarge(let limit): "the request body is larger than \(limit) bytes"
        case .notAllowed(let uid):
            "\(uid.map { "uid \($0)" } ?? "an unknown user") may not command this daemon: only root and the user it runs "
                + "as may"
        }
    }
}

extension APIError {
    init(_ error: DecodingError) {
        func field(_ context: DecodingError.Context, key: (any CodingKey)? = nil) -> APIError {
            let path = (context.codingPath + (key.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
            return .badField(path: path, reason: key == nil ? context.debugDescription : "is missing")
        }
        self =
            switch error {
            case .keyNotFound(let key, let context): field(context, key: key)
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                field(context)
            @unknown default: .badField(path: "", reason: "\(error)")
            }
    }
}

extension ErrorDocument {
    init(_ error: APIError) { self.init(code: error.code, message: error.description) }
}

extension ControllerError {
    /// The HTTP status that says the same most nearly.
    var status: HTTPResponse.Status {
        switch self {
        case .unknownJob, .unknownNode: .notFound
        case .nothingMatched, .unknownNodes, .noKeyMatched: .unprocessableContent
        case .jobHasEnded: .conflict
        case .keysUnchanged: .internalServerError
        case .invalidTarget, .invalidRequest: .badRequest
        case .storeUnavailable, .shuttingDown: .serviceUnavailable
        }
    }
}
