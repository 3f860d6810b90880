import Files
import Foundation
import Testing

/// New folders, and their locks.
@Suite struct FolderTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  private func exists(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: "\(folder)/\(name)")
  }

  private func touch(_ path: String) {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
  }

  /// A failing run's clean-up leaves what other runs have put beside it.
  @Test func removingKeepsWhatOthersWrote() throws {
    let big = try NewFolder("\(folder)/runs/big")
    let small = try NewFolder("\(folder)/runs/small")
    touch(big.file("recipe.toml"))
    touch(small.file("result.png"))
    big.remove()
    #expect(!exists("runs/big") && exists("runs/small/result.png"))
    touch("\(folder)/runs/small/notes.txt")
    small.remove()
    #expect(exists("runs/small/notes.txt") && !exists("runs/small/result.png"))
  }

  @Test func removingTakesTheParentsItMade() throws {
    let new = try NewFolder("\(folder)/a/b//c/")
    #expect(exists("a/b/c"))
    new.remove()
    #expect(!exists("a") && FileManager.default.fileExists(atPath: folder))
  }

  @Test func aFolderBelongsToOneProcess() throws {
    _ = try NewFolder("\(folder)/run")
    #expect(throws: FileError.self) { try NewFolder("\(folder)/run") }
    // A link that leads nowhere is there, too.
    symlink("nowhere", "\(folder)/link")
    #expect(throws: FileError.self) { try NewFolder("\(folder)/link") }
    touch("\(folder)/file")
    #expect(throws: FileError.self) { try NewFolder("\(folder)/file/run") }
  }

  @Test func aLockIsTakenOnce() throws {
    var lock: FolderLock? = try FolderLock(folder)
    let error = #expect(throws: FileError.self) { try FolderLock(folder) }
    #expect(error?.description.contains("another process") == true)
    withExtendedLifetime(lock) {}
    lock = nil
    #expect(!exists(".lock"))
    lock = try FolderLock(folder)
    #expect(exists(".lock"))
    withExtendedLifetime(lock) {}
  }
}
