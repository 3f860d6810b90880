import Foundation
import Synchronization

/// A local file server that can misbehave.
///
/// It has its own thread, because tests that keep Swift's thread pool busy would starve it.
final class ModelServer: Sendable {
  /// The behavior of the server for a file.
  enum Behavior: Sendable {
    case whole
    /// Cuts each response off after a number of bytes.
    case cut(Int)
    /// Ignores ranges and sends the whole file.
    case withoutRanges
    /// Changes one byte of the file.
    case tampering
    /// Sends more bytes than the file has.
    case endless
    case missing
  }

  private struct State {
    var files: [String: (Data, Behavior)] = [:]
    var requests: [(path: String, range: String?)] = []
  }

  private struct Answer {
    var status = "200 OK"
    var headers: [String] = []
    var body = Data()
    /// The announced length; nil for that of the body.
    var announced: Int?
  }

  #if os(Linux)
  private static let stream = Int32(SOCK_STREAM.rawValue)
  /// The flag that prevents SIGPIPE when a client disconnects.
  private static let withoutSignal = Int32(MSG_NOSIGNAL)
  #else
  private static let stream = SOCK_STREAM
  private static let withoutSignal: Int32 = 0
  #endif

  private let state = Mutex(State())
  private let socket: Int32
  private let port: UInt16

  /// Starts the server on a free port.
  init() throws {
    let socket = Foundation.socket(AF_INET, Self.stream, 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, length) == 0 && listen(socket, 16) == 0
          && getsockname(socket, $0, &length) == 0
      }
    }
    guard isListening else { throw CocoaError(.fileReadUnknown) }
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while case let connection = accept(socket, nil, nil), connection >= 0 {
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  func serve(_ data: Data, at path: String, _ behavior: Behavior = .whole) {
    state.withLock { $0.files["/" + path] = (data, behavior) }
  }

  /// The requested ranges of a file, in order; nil for the whole file.
  func ranges(of path: String) -> [String?] {
    state.withLock { $0.requests.filter { $0.path == "/" + path }.map(\.range) }
  }

  func address(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Answers one request of a connection.
  private func serve(_ connection: Int32) {
    var request = Data()
    var part = [UInt8](repeating: 0, count: 4096)
    while request.range(of: Data("\r\n\r\n".utf8)) == nil {
      let count = recv(connection, &part, part.count, 0)
      guard count > 0 else { return }
      request += part[..<count]
    }
    let lines = String(decoding: request, as: UTF8.self).components(separatedBy: "\r\n")
    let range = lines.first { $0.lowercased().hasPrefix("range: ") }.map {
      String($0.dropFirst("range: ".count))
    }
    let answer = answer(path: lines[0].components(separatedBy: " ")[1], range: range)
    let headers =
      ["HTTP/1.1 \(answer.status)", "Content-Length: \(answer.announced ?? answer.body.count)"]
      + answer.headers + ["Connection: close", "", ""]
    send(Data(headers.joined(separator: "\r\n").utf8) + answer.body, to: connection)
  }

  private func send(_ data: Data, to connection: Int32) {
    var rest = data
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.send(connection, $0.baseAddress!, $0.count, Self.withoutSignal)
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private func answer(path: String, range: String?) -> Answer {
    let file = state.withLock { state in
      state.requests.append((path, range))
      return state.files[path]
    }
    guard let (data, behavior) = file else { return Answer(status: "404 Not Found") }
    let start = range.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) } ?? 0
    switch behavior {
    case .missing: return Answer(status: "404 Not Found")
    case .withoutRanges: return Answer(body: data)
    case .endless: return Answer(body: data + data)
    case .tampering:
      var changed = data
      changed[data.count / 2] ^= 1
      return part(of: changed, from: start, ending: data.count)
    case .cut(let count): return part(of: data, from: start, ending: min(data.count, start + count))
    case .whole: return part(of: data, from: start, ending: data.count)
    }
  }

  private func part(of data: Data, from start: Int, ending end: Int) -> Answer {
    var answer = Answer(body: Data(data[start..<end]), announced: data.count - start)
    if start > 0 {
      answer.status = "206 Partial Content"
      answer.headers = ["Content-Range: bytes \(start)-\(data.count - 1)/\(data.count)"]
    }
    return answer
  }
}
