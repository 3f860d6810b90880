import Files
import Foundation
import ModelFiles
import Networks

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Downloads a published file into a folder, resumes an earlier attempt, and verifies that it is the
/// published file.
public struct ModelDownload: Sendable {
  let file: PublishedFile
  let address: URL
  /// The path of the partial file, which a later attempt resumes.
  let part: String

  /// How far a download is.
  public enum Progress: Sendable {
    /// The download from an address begins.
    case trying(URL)
    /// The received bytes, of the expected bytes if the server states them.
    case received(Int, of: Int?)
    /// The file is complete, and its digest is being computed.
    case verifying
  }

  /// The seconds without data after which the server counts as unreachable.
  private static let patience: TimeInterval = 8

  /// - Returns: the SHA-256 of the downloaded file.
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

  /// The bytes of an earlier attempt that can be resumed: without a digest the parts could not be
  /// verified to belong together.
  private var resumableCount: Int {
    guard file.digest != .unknown, let size, file.size.map({ size < $0 }) ?? true
    else { return 0 }
    return size
  }

  /// The size of the partial file in bytes.
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

  /// Verifies the file, and removes one that is not the published file.
  private func verify() throws -> String {
    if let expected = file.size, let size, size < expected {
      throw DownloadError("received only \(size) of \(expected) bytes")
    }
    let digest = try? FileDigest.sha256(ofFile: part)
    guard let digest, file.digest.allows(digest), file.size == nil || file.size == size else {
      try? FileManager.default.removeItem(atPath: part)
      throw DownloadError("the downloaded file is not \(file.name) as published")
    }
    return digest
  }
}

/// The reason why a download from one address failed.
public struct DownloadError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
