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

  /// The methods that addresses may have.
  private static let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete]

  /// Adds endpoints to a router. Each of their addresses answers its other methods with 405.
  static func add(_ endpoints: [Endpoint], to router: Router<StudioContext>) {
    for (path, endpoints) in Dictionary(grouping: endpoints, by: \.path) {
      let own = endpoints.map(\.method)
      for endpoint in endpoints {
        router.on(RouterPath(path), method: endpoint.method, use: endpoint.handler)
      }
      let all = own + (own.contains(.get) ? [.head] : [])
      let allowed = all.map(\.rawValue).joined(separator: ", ")
      for method in methods where !all.contains(method) {
        router.on(RouterPath(path), method: method) { _, _ -> Response in
          let error = APIError(.methodNotAllowed, "This address takes only \(allowed).")
          return try .json(error.body, status: error.status, headers: [.allow: allowed])
        }
      }
    }
  }
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
    uri.queryParameters[name[...]].flatMap { String($0).removingPercentEncoding }
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
