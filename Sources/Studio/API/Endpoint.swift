#if Studio
import Foundation
import HTTPTypes
import Hummingbird

/// A method of an address of the studio.
struct Endpoint: Sendable {
  typealias Handler = @Sendable (Request, StudioContext) async throws -> Response

  let method: HTTPRequest.Method
  /// The path, with parameters such as `:id`.
  let path: String
  let handler: Handler

  init(_ method: HTTPRequest.Method, _ path: String, _ handler: @escaping Handler) {
    (self.method, self.path, self.handler) = (method, path, handler)
  }

  /// Whether a path is one of the endpoint's.
  func matches(_ path: String) -> Bool {
    let (own, given) = (Self.parts(self.path), Self.parts(path))
    return own.count == given.count
      && zip(own, given).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
  }

  private static func parts(_ path: String) -> [Substring] { path.split(separator: "/") }
}

extension Request {
  /// Reads a small body as JSON.
  ///
  /// - Throws: `APIError` for a body that is too large, and `DecodingError`.
  func json<Value: Decodable>(_ type: Value.Type) async throws -> Value {
    let most = 256 << 10
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw APIError(.contentTooLarge, "The body is too large for JSON.")
    }
    let buffer: ByteBuffer
    do { buffer = try await body.collect(upTo: most) } catch {
      throw APIError(.contentTooLarge, "The body is too large for JSON.")
    }
    return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
  }

  /// A parameter of the query as text.
  func query(_ name: String) -> String? {
    uri.queryParameters[name[...]].flatMap {
      // Forms write spaces as pluses.
      String($0).replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }
  }

  /// A parameter of the query as a number.
  ///
  /// - Throws: `APIError` for other text.
  func number<Value: LosslessStringConvertible & Comparable>(
    _ name: String, in range: ClosedRange<Value>
  ) throws -> Value? {
    guard let text = query(name) else { return nil }
    guard let value = Value(text), range.contains(value) else {
      throw APIError(
        .badRequest, "\(name): must be between \(range.lowerBound) and \(range.upperBound).")
    }
    return value
  }
}

extension StudioContext {
  /// The identifier in the path.
  ///
  /// - Throws: `APIError`, as for one that does not exist.
  func id() throws -> Identifier {
    guard let id = parameters.get("id").flatMap({ Identifier($0) }) else {
      throw APIError.notFound("id")
    }
    return id
  }
}
#endif
