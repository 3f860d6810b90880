import Foundation
import Synchronization

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Writes a server's response to a file, after the existing bytes if the server resumes.
final class DownloadWriter: NSObject, URLSessionDataDelegate {
  private struct State {
    var count: Int
    var expected: Int?
    var failure: DownloadError?
    var continuation: CheckedContinuation<Void, any Error>?
  }

  private let file: FileHandle
  private let state: Mutex<State>
  private let progress: @Sendable (ModelDownload.Progress) -> Void

  /// More than any file of weights has.
  private static let mostBytes = 1 << 30

  init(
    path: String, start: Int, expected: Int?,
    _ progress: @escaping @Sendable (ModelDownload.Progress) -> Void
  ) throws {
    let flags = O_WRONLY | O_CREAT | (start == 0 ? O_TRUNC : 0)
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else {
      throw DownloadError("\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    state = Mutex(State(count: start, expected: expected))
    self.progress = progress
  }

  /// Starts a transfer that resumes the continuation at its end.
  func start(_ continuation: CheckedContinuation<Void, any Error>) {
    state.withLock { $0.continuation = continuation }
  }

  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping (URLSession.ResponseDisposition) -> Void
  ) {
    let isWanted = state.withLock { state in
      do {
        try begin(response, &state)
        return true
      } catch {
        state.failure =
          error as? DownloadError ?? DownloadError("the partial file cannot be continued")
        return false
      }
    }
    completionHandler(isWanted ? .allow : .cancel)
  }

  /// Moves the file's end to the start of the server's response.
  private func begin(_ response: URLResponse, _ state: inout State) throws {
    guard let response = response as? HTTPURLResponse else {
      throw DownloadError("the response is not HTTP")
    }
    let isContinuation =
      response.statusCode == 206
      && response.value(forHTTPHeaderField: "Content-Range")?
        .hasPrefix("bytes \(state.count)-") == true
    switch response.statusCode {
    case 206 where isContinuation: try file.seek(toOffset: UInt64(state.count))
    case 200:
      state.count = 0
      try file.truncate(atOffset: 0)
    case 206, 416:
      // The server cannot resume from the existing bytes.
      try file.truncate(atOffset: 0)
      throw DownloadError("the server cannot resume the last attempt; try again")
    default: throw DownloadError("the server answered \(response.statusCode)")
    }
    let length = response.expectedContentLength
    guard state.expected == nil, length > 0 else { return }
    guard length <= Int64(Self.mostBytes - state.count) else {
      throw DownloadError("the server announces more bytes than any network has")
    }
    state.expected = state.count + Int(length)
  }

  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    let report = state.withLock { state -> ModelDownload.Progress? in
      guard state.failure == nil else { return nil }
      guard state.count + data.count <= state.expected ?? Self.mostBytes else {
        state.failure = DownloadError("the server sent more than the file's size")
        return nil
      }
      do {
        try file.write(contentsOf: data)
      } catch {
        state.failure = DownloadError("the disk is full")
        return nil
      }
      state.count += data.count
      return .received(state.count, of: state.expected)
    }
    if let report { progress(report) } else { dataTask.cancel() }
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?
  ) {
    let (continuation, failure) = state.withLock { state in
      defer { state.continuation = nil }
      let cut = state.expected.map { state.count < $0 } ?? false
      let failure =
        state.failure ?? error.map { DownloadError(Self.reason($0)) }
        ?? (cut ? DownloadError("the connection was cut") : nil)
      return (state.continuation, failure)
    }
    try? file.close()
    if let failure { continuation?.resume(throwing: failure) } else { continuation?.resume() }
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? URLError)?.code {
    case .cannotFindHost, .dnsLookupFailed, .notConnectedToInternet: "no network or no such server"
    case .cannotConnectToHost: "the server cannot be reached"
    case .timedOut: "the server does not answer"
    case .networkConnectionLost: "the connection was cut"
    case .secureConnectionFailed, .serverCertificateUntrusted:
      "the server's certificate is not trusted"
    default: "the transfer failed (error \((error as NSError).code))"
    }
  }
}
