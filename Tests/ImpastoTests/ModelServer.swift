import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// Bytes of an answer, which may be fewer than it announces.
private struct Bytes: AsyncBufferedSequence {
  typealias Element = UInt8
  let data: Data

  struct Iterator: AsyncBufferedIteratorProtocol {
    var rest: Data

    mutating func next() async -> UInt8? { rest.popFirst() }

    mutating func nextBuffer(suggested count: Int) async -> Data? {
      guard !rest.isEmpty else { return nil }
      defer { rest = rest.dropFirst(count) }
      return Data(rest.prefix(count))
    }
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: data) }
}

/// A server of files on this machine that can be made to behave badly.
final class ModelServer: Sendable {
  /// What it does with a file.
  enum Behaviour: Sendable {
    case whole
    /// Ends each answer after so many bytes.
    case cut(Int)
    /// Sends everything, whatever part was asked for.
    case withoutRanges
    /// Changes one byte.
    case tampering
    /// Sends more than the file has.
    case endless
    case missing
  }

  private struct State {
    var files: [String: (Data, Behaviour)] = [:]
    var requests: [(path: String, range: String?)] = []
  }

  private let state = Mutex(State())
  private let server: HTTPServer
  private let task: Mutex<Task<Void, any Error>?> = Mutex(nil)

  /// Starts it.
  init() async throws {
    server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: 0), logger: .disabled)
    await server.appendRoute("*") { [weak self] request in
      self?.answer(request) ?? HTTPResponse(statusCode: .notFound)
    }
    let server = server
    task.withLock { $0 = Task { try await server.run() } }
    try await server.waitUntilListening()
  }

  deinit { task.withLock { $0?.cancel() } }

  func serve(_ data: Data, at path: String, _ behaviour: Behaviour = .whole) {
    state.withLock { $0.files["/" + path] = (data, behaviour) }
  }

  /// The ranges that were asked for, in order; nil for a whole file.
  func ranges(of path: String) -> [String?] {
    state.withLock { $0.requests.filter { $0.path == "/" + path }.map(\.range) }
  }

  func address(_ path: String) async throws -> String {
    guard case .ip4(_, let port) = await server.listeningAddress else { throw CancellationError() }
    return "http://127.0.0.1:\(port)/\(path)"
  }

  private func answer(_ request: HTTPRequest) -> HTTPResponse {
    let range = request.headers[HTTPHeader("Range")]
    let file = state.withLock { state in
      state.requests.append((request.path, range))
      return state.files[request.path]
    }
    guard let (data, behaviour) = file else { return HTTPResponse(statusCode: .notFound) }
    let start = range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    switch behaviour {
    case .missing: return HTTPResponse(statusCode: .notFound)
    case .withoutRanges: return HTTPResponse(statusCode: .ok, body: data)
    case .endless: return HTTPResponse(statusCode: .ok, body: data + data)
    case .tampering:
      var changed = data
      changed[data.count / 2] ^= 1
      return part(of: changed, from: start, ending: data.count)
    case .cut(let count): return part(of: data, from: start, ending: min(data.count, start + count))
    case .whole: return part(of: data, from: start, ending: data.count)
    }
  }

  private func part(of data: Data, from start: Int, ending end: Int) -> HTTPResponse {
    let body = HTTPBodySequence(
      from: Bytes(data: Data(data[start..<end])), count: data.count - start)
    guard start > 0 else { return HTTPResponse(statusCode: .ok, body: body) }
    let range = "bytes \(start)-\(data.count - 1)/\(data.count)"
    return HTTPResponse(
      statusCode: HTTPStatusCode(206, phrase: "Partial Content"),
      headers: [HTTPHeader("Content-Range"): range], body: body)
  }
}
