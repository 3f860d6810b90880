#if os(Linux)
import Foundation
import TestSupport
import Testing

/// The child process that reads Keras and MatConvNet files.
@Suite struct IsolationTests {
  private let command: Command

  init() throws {
    command = try Command()
    mkfifo(command.path("weights"), 0o600)
  }

  /// A value of the kernel's description of a process; nil if there is no such process.
  private func status(_ process: Int32, _ key: String) -> String? {
    let text = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
    return text?.split(separator: "\n").first { $0.hasPrefix("\(key):") }.map {
      $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces)
    }
  }

  /// Whether something becomes true.
  private func becomes(_ condition: () -> Bool) -> Bool {
    for _ in 0..<3000 {
      if condition() { return true }
      usleep(10_000)
    }
    return false
  }

  /// The child waits for a file that never comes. It has given up everything by then, and ends
  /// when its parent is killed.
  @Test func theChildGivesUpWhatItDoesNotNeedAndEndsWithItsParent() throws {
    // Keeps the pipe open.
    let pipe = open(command.path("weights"), O_RDWR)
    defer { close(pipe) }
    let shell = try command.start(
      [
        "-c",
        """
        exec 7< /dev/null 8> leaked
        '\(command.executable.path)' read-weights $$ < weights > result & echo $! > child; wait
        """,
      ], through: URL(fileURLWithPath: "/bin/sh"))
    var child: Int32?
    #expect(
      becomes {
        child = (try? command.bytes("child")).flatMap {
          Int32(String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .newlines))
        }
        return child != nil
      })
    let process = try #require(child)
    #expect(becomes { status(process, "Seccomp") == "2" })
    #expect(status(process, "NoNewPrivs") == "1")
    let descriptors = try FileManager.default.contentsOfDirectory(
      atPath: "/proc/\(process)/fd")
    #expect(Set(descriptors) == ["0", "1", "2"])
    kill(shell.process.processIdentifier, SIGKILL)
    _ = try shell.finish()
    #expect(becomes { [nil, "Z (zombie)"].contains(status(process, "State")) })
    #expect(try command.files().sorted() == ["child", "leaked", "result", "weights"])
  }

  /// Without its parent there is nobody to read for.
  @Test func aChildOfAnotherProcessReadsNothing() throws {
    try FileManager.default.copyItem(
      atPath: VGGFiles.small.path("keras2.h5"), toPath: command.path("keras2.h5"))
    let run = try command.run(
      "-c", "'\(command.executable.path)' read-weights 1 < keras2.h5 > result",
      through: URL(fileURLWithPath: "/bin/sh"))
    #expect(run.status == 1)
    #expect(try command.bytes("result").isEmpty)
  }

  /// The parent reads what the child made, and no temporary file is left.
  @Test(arguments: ["keras2.h5", "matconvnet.mat"])
  func nothingIsLeft(name: String) throws {
    try FileManager.default.createDirectory(
      atPath: command.path("tmp"), withIntermediateDirectories: true)
    let run = try command.run(
      "models", "convert", VGGFiles.small.path(name), "-o", "out.safetensors",
      environment: ["TMPDIR": command.path("tmp")])
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("tmp")).isEmpty)
  }
}
#endif
