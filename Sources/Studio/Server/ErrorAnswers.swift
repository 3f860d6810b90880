#if Studio
import Foundation
import Hummingbird
import Impasto
import NIOCore
import Pictures

/// Answers errors with a status and a line of JSON, and ends connections whose requests cannot be read.
struct ErrorAnswers: RouterMiddleware {
  func handle(
    _ request: Request, context: StudioContext,
    next: (Request, StudioContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch {
      let answer = Self.answer(to: error)
      var response = try Response.json(answer.body, status: answer.status)
      guard answer.status == .badRequest || answer.status == .contentTooLarge
      else { return response }
      response.headers[.connection] = "close"
      end(context.channel)
      return response
    }
  }

  /// The time in which the client can read the answer.
  private static let patience = TimeAmount.seconds(1)

  /// Ends a connection soon. What the client still sends is not read to its end.
  private func end(_ channel: any Channel) {
    _ = channel.eventLoop.scheduleTask(in: Self.patience) { channel.close(promise: nil) }
  }

  private static func answer(to error: any Error) -> APIError {
    switch error {
    case let error as APIError: error
    case let error as SettingError:
      APIError(.unprocessableContent, "\(error)", setting: error.key)
    case _ where FullDisk.isReason(of: error):
      APIError(.diskFull, FullDisk.message)
    case let error as PictureError: APIError(.unprocessableContent, "\(error)")
    case let error as FilmError: APIError(.unprocessableContent, "\(error)")
    case let error as HTTPError:
      APIError(error.status, error.body ?? message(error.status))
    case let error as DecodingError: APIError(.badRequest, text(of: error))
    default: APIError(.internalServerError, "\(error)")
    }
  }

  private static func message(_ status: HTTPResponse.Status) -> String {
    status == .notFound ? "There is nothing at this address." : status.reasonPhrase
  }

  private static func text(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, _): return "\(key.stringValue): is missing."
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "The body is not JSON." : "\(path): \(context.debugDescription)."
    @unknown default: return "The body is not what this address takes."
    }
  }
}

extension Response {
  /// An answer of JSON.
  static func json(
    _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
  ) throws -> Response {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var headers = headers
    headers[.contentType] = "application/json"
    headers[.cacheControl] = "no-store"
    return Response(
      status: status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: try encoder.encode(value))))
  }

  /// An answer of bytes of a fixed type.
  static func bytes(_ data: Data, type: String, cache: String = "no-cache") -> Response {
    Response(
      status: .ok, headers: [.contentType: type, .cacheControl: cache],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: data)))
  }
}
#endif
