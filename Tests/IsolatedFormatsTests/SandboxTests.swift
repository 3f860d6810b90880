#if os(Linux)
import Foundation
import SandboxProbe
import Testing

@Suite struct SandboxTests {
  /// The kernel itself says what a process can still do.
  @Test func onlyTheFileCanBeRead() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for name in ["weights", "other"] {
      try Data("x".utf8).write(to: folder.appendingPathComponent(name))
    }
    let readable = open(folder.appendingPathComponent("weights").path, O_RDONLY)
    defer { close(readable) }
    let line = sandbox_probe(
      readable, folder.appendingPathComponent("other").path,
      folder.appendingPathComponent("missing").path)
    #expect(line == 0, "SandboxProbe.c:\(line)")
    let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(Set(left) == ["weights", "other"])
  }
}
#endif
