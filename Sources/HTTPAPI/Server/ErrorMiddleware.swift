import HTTPTypes
import Hummingbird
import Logging
import MusterCore
import NIOCore

/// Turns every error of a route into the API's JSON, so that no route has to.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = APIContext

    let maxBodyBytes: Int

    func handle(
        _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return try Response(error.status, json: ErrorDocument(error))
        } catch let error as ControllerError {
            return try Response(error.status, json: ErrorDocument(error))
        } catch let error as BrokerServiceError {
            return try Response(error.status, json: ErrorDocument(error))
        } catch let error as JSONError {
            return try Response(.badRequest, json: ErrorDocument(APIError.badJSON(error)))
        } catch is NIOTooManyBytesError {
            let error = APIError.bodyTooLarge(limitBytes: maxBodyBytes)
            return try Response(error.status, json: ErrorDocument(error))
        } catch let error as HTTPError where error.status == .notFound {
            let error = APIError.noSuchRoute(method: request.method.rawValue, path: request.uri.path)
            return try Response(error.status, json: ErrorDocument(error))
        } catch let error as HTTPError {
            return try Response(error.status, json: ErrorDocument(code: "http", message: error.description))
        } catch {
            context.logger.error("request failed", metadata: ["api.path": "\(request.uri.path)", "error": "\(error)"])
            return try Response(.internalServerError, json: ErrorDocument(unforeseen: error))
        }
    }
}

extension ErrorDocument {
    /// An error that no part of the API knows: its own text is all there is to say.
    init(unforeseen error: any Error) { self.init(code: "internal", message: "the daemon failed: \(error)") }
}
