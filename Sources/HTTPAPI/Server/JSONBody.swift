import HTTPTypes
import Hummingbird
import MusterCore
import NIOCore

extension Response {
    /// A response whose body is the JSON of an object, with a line end so that it reads well in a terminal.
    init(_ status: HTTPResponse.Status = .ok, json object: some Encodable) throws {
        let text = JSON.text(try ValueEncoder().encode(object)) + "\n"
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}

extension Request {
    /// The object that the body holds as JSON.
    ///
    /// - Parameter defaults: what stands for keys the client left out; a map inside a map fills the map inside.
    /// - Throws: `JSONError` or `APIError` with what is wrong and where, `NIOTooManyBytesError` past the limit.
    func decode<Object: Decodable>(
        _ type: Object.Type = Object.self, maxBytes: Int, defaults: ValueMap = [:]
    ) async throws -> Object {
        let bytes = try await body.collect(upTo: maxBytes)
        let value = try JSON.value(bytes.readableBytesView).filled(with: defaults)
        do {
            return try ValueDecoder().decode(from: value)
        } catch let error as DecodingError {
            throw APIError(error)
        }
    }
}

extension Value {
    /// The value with the missing keys of maps filled in. A list is filled element by element with the one element of a
    /// list of defaults, and is not filled in itself when that has one.
    func filled(with defaults: ValueMap) -> Value {
        switch self {
        case .map(var map):
            for entry in defaults {
                map[entry.key] =
                    switch (map[entry.key], entry.value) {
                    case (nil, .array(let pattern)): pattern.isEmpty ? .array([]) : nil
                    case (nil, let missing): missing
                    case (.some(let given), .map(let inner)): given.filled(with: inner)
                    case (.array(let elements), .array(let pattern)):
                        .array(
                            elements.map { element in pattern.first?.map.map { element.filled(with: $0) } ?? element })
                    case (.some(let given), _): given
                    }
            }
            return .map(map)
        case .null, .bool, .int, .uint, .double, .string, .bytes, .array: return self
        }
    }
}
