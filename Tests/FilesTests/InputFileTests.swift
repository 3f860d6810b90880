import Files
import Foundation
import Testing

/// Inputs that might never end are refused without waiting for them.
@Suite struct InputFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func expectRefused(_ path: String, _ reason: String) {
    let error = FileError.unreadable(path: path, reason: reason)
    #expect(throws: error) { try InputFile.checkRegular(path) }
    #expect(throws: error) { try MappedFile(path: path) }
    #expect(throws: error) { try FileDigest.sha256(ofFile: path) }
  }

  @Test func onlyRegularFilesAreOpened() throws {
    expectRefused("/dev/zero", "it is a device")
    expectRefused(folder.path, "it is a folder")
    expectRefused(path("missing"), "there is no such file")
    mkfifo(path("pipe"), 0o600)
    expectRefused(path("pipe"), "it is a pipe, and only a photo or a style is read from one")
    #if os(Linux)
    let stream = Int32(SOCK_STREAM.rawValue)
    #else
    let stream = SOCK_STREAM
    #endif
    let listener = socket(AF_UNIX, stream, 0)
    defer { close(listener) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path("s").utf8.prefix(100)) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    #expect(isBound)
    expectRefused(path("s"), "it is a socket")
  }

  /// FIPS 180-2's example, and the empty message.
  @Test func regularFilesAreRead() throws {
    try Data("abc".utf8).write(to: URL(fileURLWithPath: path("abc")))
    #expect(
      try FileDigest.sha256(ofFile: path("abc"))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(try MappedFile(path: path("abc")).data == Data("abc".utf8))
    try Data().write(to: URL(fileURLWithPath: path("empty")))
    #expect(
      try FileDigest.sha256(ofFile: path("empty"))
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(try MappedFile(path: path("empty")).data.isEmpty)
  }

  @Test func aPipeIsReadOnceAndCanBeReadAgain() async throws {
    let pipe = path("pipe")
    mkfifo(pipe, 0o600)
    let bytes = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    let writer = Thread { try? bytes.write(to: URL(fileURLWithPath: pipe)) }
    writer.start()
    let first = try PipedFile.contents(of: pipe)
    #expect(try Data(contentsOf: URL(fileURLWithPath: first)) == bytes)
    #expect(try PipedFile.contents(of: pipe) == first)
    #expect(try Data(contentsOf: URL(fileURLWithPath: first)) == bytes)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["pipe"])
  }

  /// Nobody ever writes into the pipe.
  @Test func aCancellationEndsTheWaitForAPipe() async throws {
    let pipe = path("pipe")
    mkfifo(pipe, 0o600)
    let task = Task { try PipedFile.contents(of: pipe) }
    task.cancel()
    await #expect(throws: FileError.self) { try await task.value }
  }
}
