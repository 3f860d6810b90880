import Files
import Foundation
import ModelFiles
import Networks

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// Downloads a published file into a folder, goes on where an earlier attempt ended, and makes
/// sure that it is the one that was published.
public struct ModelDownload: Sendable {
  let file: PublishedFile
  let address: URL
  /// What has come so far; a later attempt goes on with it.
  let part: String

  /// How far a download is.
  public enum Progress: Sendable {
    /// An address is tried.
    case trying(URL)
    /// So many bytes of so many are there; nil if the server does not say.
    case received(Int, of: Int?)
    /// All is there, and its digest is computed.
    case verifying
  }

  /// Nothing comes for so long: the network or the server is gone.
  private static let patience: TimeInterval = 8

  /// - Returns: the SHA-256 of what came.
  /// - Throws: `DownloadError`.
  func run(_ progress: @escaping @Sendable (Progress) -> Void) async throws -> String {
    let start = resumableCount
    var request = URLRequest(url: address, timeoutInterval: Self.patience)
    if start > 0 { request.setValue("bytes=\(start)-", forHTTPHeaderField: "Range") }
    do {
      try await transfer(request, start: start, progress)
    } catch {
      if size == 0 { try? FileManager.default.removeItem(atPath: part) }
      throw error
    }
    progress(.verifying)
    return try verify()
  }

  /// What is there already, in bytes. Without a digest nobody could tell whether the rest fits.
  private var resumableCount: Int {
    guard file.digest != .unknown, let size, file.size.map({ size < $0 }) ?? true
    else { return 0 }
    return size
  }

  /// Of what has come so far, in bytes.
  private var size: Int? { FileDigest.size(ofFile: part) }

  private func transfer(
    _ request: URLRequest, start: Int, _ progress: @escaping @Sendable (Progress) -> Void
  ) async throws {
    let writer = try DownloadWriter(path: part, start: start, expected: file.size, progress)
    let configuration = URLSessionConfiguration.ephemeral
    configuration.timeoutIntervalForRequest = Self.patience
    let session = URLSession(configuration: configuration, delegate: writer, delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    let task = session.dataTask(with: request)
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        writer.start(continuation)
        task.resume()
      }
    } onCancel: {
      task.cancel()
    }
  }

  /// A file that is not the one that was published is removed.
  private func verify() throws -> String {
    if let expected = file.size, let size, size < expected {
      throw DownloadError("only \(size) of \(expected) bytes came")
    }
    let digest = try? FileDigest.sha256(ofFile: part)
    guard let digest, file.digest.allows(digest), file.size == nil || file.size == size else {
      try? FileManager.default.removeItem(atPath: part)
      throw DownloadError("what came is not \(file.name) as it was published")
    }
    return digest
  }
}

/// Why a download from one address failed.
public struct DownloadError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
