#if Studio
import Foundation
import HTTPTypes
import Hummingbird

/// Sends a film, or the range of it that a browser plays next: RFC 9110, 14.
struct FilmAnswer {
  let path: String
  let type: String
  /// The name under which it is downloaded.
  let name: String

  /// The answer, whose body is read while it is sent.
  ///
  /// - Throws: `APIError` for a range after the end.
  func response(to request: Request, _ context: StudioContext) async throws -> Response {
    guard
      let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int, size > 0
    else { throw APIError.notFound("file") }
    var headers: HTTPFields = [
      .contentType: type, .cacheControl: "private, max-age=31536000, immutable",
      .acceptRanges: "bytes", .contentDisposition: "attachment; filename=\"\(name)\"",
    ]
    let asked = request.headers[.range].flatMap { ByteRange($0) }
    guard let range = asked.map({ $0.range(of: size) }) ?? 0...size - 1 else {
      throw APIError(.rangeNotSatisfiable, "The film has \(size) bytes.")
    }
    if asked != nil {
      headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(size)"
    }
    return Response(
      status: asked == nil ? .ok : .partialContent, headers: headers,
      body: try await FileIO().loadFile(path: path, range: range, context: context))
  }
}

/// The value of a `Range` field with one range of bytes.
struct ByteRange {
  private let first: Int?
  /// The last byte, or the number of bytes at the end if there is no first one.
  private let last: Int?

  /// Nil for other units, several ranges and damaged text, which servers ignore.
  init?(_ text: String) {
    let unit = "bytes="
    guard text.hasPrefix(unit) else { return nil }
    let parts = text.dropFirst(unit.count).split(
      separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    (first, last) = (Int(parts[0]), Int(parts[1]))
    guard first != nil || last != nil, parts[0].isEmpty || first != nil,
      parts[1].isEmpty || last != nil, (first ?? 0) >= 0, (last ?? 0) >= 0,
      first == nil || last == nil || first! <= last!
    else { return nil }
  }

  /// The bytes of a file of this size; nil if there are none.
  func range(of size: Int) -> ClosedRange<Int>? {
    guard let first else {
      return last! > 0 ? max(0, size - last!)...size - 1 : nil
    }
    return first < size ? first...min(last ?? size - 1, size - 1) : nil
  }
}
#endif
