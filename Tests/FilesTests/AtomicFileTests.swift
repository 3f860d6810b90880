import Files
import Foundation
import Testing

@Suite struct AtomicFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())")
    try FileManager.default.createDirectory(
      at: folder.appendingPathComponent("other"), withIntermediateDirectories: true)
  }

  private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  private func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  private func files() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
  }

  /// A link stays, and the file that it names is replaced or created.
  @Test(arguments: ["other/file", "other/none"]) func linksAreFollowed(target: String) throws {
    try Data("old".utf8).write(to: folder.appendingPathComponent("other/file"))
    symlink(target, path("first"))
    symlink(path("first"), path("second"))
    try AtomicFile.checkWritable(path("second"))
    try AtomicFile.write(Data("new".utf8), to: path("second"))
    #expect(try text(target) == "new")
    let links = try ["first", "second"].map {
      try FileManager.default.destinationOfSymbolicLink(atPath: path($0))
    }
    #expect(links == [target, path("first")])
    #expect(try !files().contains { $0.contains("impasto-") })
  }

  @Test func linksInACircleAreAnError() throws {
    symlink("b", path("a"))
    symlink("a", path("b"))
    #expect(throws: FileError.self) { try AtomicFile.checkWritable(path("a")) }
    #expect(throws: FileError.self) { try AtomicFile.write(Data("x".utf8), to: path("a")) }
  }

  @Test func aPipeGetsTheBytes() throws {
    mkfifo(path("pipe"), 0o600)
    let reader = open(path("pipe"), O_RDONLY | O_NONBLOCK)
    defer { close(reader) }
    try AtomicFile.checkWritable(path("pipe"))
    try AtomicFile.write(Data("bytes".utf8), to: path("pipe"))
    var bytes = [UInt8](repeating: 0, count: 16)
    #expect(read(reader, &bytes, bytes.count) == 5)
    #expect(bytes.prefix(5) == Array("bytes".utf8)[...])
    var status = stat()
    #expect(stat(path("pipe"), &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    #expect(try files() == ["other", "pipe"])
  }

  /// The longest name that file systems allow, and one that is too long.
  @Test func longNamesAreWritten() throws {
    let name = String(repeating: "n", count: 255)
    try AtomicFile.checkWritable(path(name))
    try AtomicFile.write(Data("x".utf8), to: path(name))
    #expect(try text(name) == "x")
    #expect(throws: FileError.self) { try AtomicFile.write(Data(), to: path(name + "n")) }
    #expect(try files() == [name, "other"])
  }

  @Test func newFilesFollowTheMask() throws {
    let mask = umask(0)
    umask(mask)
    try AtomicFile.write(Data("x".utf8), to: path("file"))
    var status = stat()
    #expect(stat(path("file"), &status) == 0 && status.st_mode & 0o777 == 0o666 & ~mask)
  }

  /// Writers at the same time do not disturb each other's permissions.
  @Test func writersAtTheSameTimeGetTheSamePermissions() async throws {
    let mask = umask(0)
    umask(mask)
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<64 {
        group.addTask { try? AtomicFile.write(Data("x".utf8), to: path("file\(number)")) }
      }
    }
    for number in 0..<64 {
      var status = stat()
      #expect(stat(path("file\(number)"), &status) == 0)
      #expect(status.st_mode & 0o777 == 0o666 & ~mask)
    }
    #expect(umask(mask) == mask)
  }
}
