import Foundation
import Synchronization

/// A running program of the ffmpeg package.
///
/// Its messages are kept, the last of them at least. It runs in a process group of its own, so that
/// Ctrl-C reaches only this process, which then ends it in order.
package final class FFmpeg: Sendable {
  /// The program writes to this file if its output was requested.
  let output: Int32?
  /// The program reads from this file if its input was requested.
  let input: Int32?
  private let process: Process
  private let pipes: [Pipe]
  private let messages = Mutex<[String]>([])
  private let messagesEnded = DispatchSemaphore(value: 0)
  private let inputIsOpen = Mutex(true)

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - path: the film that messages are about.
  ///   - readsInput: whether it reads what is written to `input`.
  ///   - hasOutput: whether `output` can be read.
  /// - Throws: `FilmError.missing`.
  init(
    _ program: String = "ffmpeg", _ arguments: [String], for path: String,
    readsInput: Bool = false, hasOutput: Bool = false
  ) throws {
    let process = Process()
    process.executableURL = try Self.url(of: program, for: path)
    process.arguments = arguments
    var pipes: [Pipe] = []
    func pipe() -> Pipe {
      let pipe = Pipe()
      pipes.append(pipe)
      return pipe
    }
    let (input, output) = (readsInput ? pipe() : nil, hasOutput ? pipe() : nil)
    let errors = pipe()
    process.standardInput = input ?? FileHandle.nullDevice
    process.standardOutput = output ?? FileHandle.nullDevice
    process.standardError = errors
    do { try process.run() } catch {
      throw FilmError.unreadable(
        path: path, reason: "\(program) cannot start: \(error.localizedDescription)")
    }
    (self.process, self.pipes) = (process, pipes)
    self.input = input?.fileHandleForWriting.fileDescriptor
    self.output = output?.fileHandleForReading.fileDescriptor
    for descriptor in [self.input, self.output].compactMap(\.self) { Self.enlarge(descriptor) }
    Thread.detachNewThread { [self] in
      collect(errors.fileHandleForReading)
      messagesEnded.signal()
    }
  }

  /// The program in the folders of `PATH`; nil if it is missing.
  private static func url(of program: String) -> URL? {
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { URL(fileURLWithPath: "\($0)/\(program)") }.first {
      FileManager.default.isExecutableFile(atPath: $0.path)
    }
  }

  private static func url(of program: String, for path: String) throws -> URL {
    guard let url = url(of: program) else {
      throw FilmError.missing(program: program, path: path)
    }
    return url
  }

  /// Whether a program is there.
  package static func isInstalled(_ program: String = "ffmpeg") -> Bool { url(of: program) != nil }

  /// Runs a program to its end, and returns what it prints.
  ///
  /// - Throws: `FilmError.missing`, and the error of `failure` for its last message.
  package static func run(
    _ program: String = "ffmpeg", _ arguments: [String], for path: String,
    failure: (String) -> FilmError
  ) throws -> Data {
    let running = try FFmpeg(program, arguments, for: path, hasOutput: true)
    let data = running.pipes[0].fileHandleForReading.readDataToEndOfFile()
    let messages = running.waitUntilExit()
    guard running.succeeded else { throw failure(Self.reason(messages, of: path)) }
    return data
  }

  /// The last message about a film, as a part of a sentence that names it already.
  static func reason(_ messages: [String], of path: String) -> String {
    guard var line = messages.last else { return "ffmpeg failed without a message" }
    let name = FilmFile.name(path) + ": "
    if line.hasPrefix(name) { line.removeFirst(name.count) }
    while line.hasSuffix(".") { line.removeLast() }
    return line
  }

  /// Ends the input.
  func closeInput() {
    inputIsOpen.withLock { isOpen in
      guard isOpen, input != nil else { return }
      isOpen = false
      try? pipes[0].fileHandleForWriting.close()
    }
  }

  /// Ends the program without waiting for its work.
  ///
  /// ffmpeg completes its output after SIGTERM, and would wait for a reader forever.
  func kill() { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }

  /// Waits for the end of the program, and returns its messages.
  @discardableResult
  func waitUntilExit() -> [String] {
    process.waitUntilExit()
    messagesEnded.wait()
    messagesEnded.signal()
    return messages.withLock { $0 }
  }

  /// Whether the program has ended in order.
  var succeeded: Bool {
    process.terminationReason == .exit && process.terminationStatus == 0
  }

  /// The messages so far.
  var messagesSoFar: [String] { messages.withLock { $0 } }

  private static let mostMessages = 100

  private func collect(_ handle: FileHandle) {
    var rest = ""
    while true {
      let data = handle.availableData
      guard !data.isEmpty else { break }
      rest += String(decoding: data, as: UTF8.self)
      // Progress lines end with a carriage return.
      var lines = rest.split(omittingEmptySubsequences: false) { $0.isNewline || $0 == "\r" }
      rest = String(lines.removeLast().suffix(1000))
      append(lines)
    }
    append([rest[...]])
  }

  private func append(_ lines: [Substring]) {
    messages.withLock { messages in
      messages += lines.filter { !$0.isEmpty }.map { String($0.prefix(1000)) }
      messages.removeFirst(max(0, messages.count - Self.mostMessages))
    }
  }

  /// Lets a pipe hold more than the usual 64 KiB, so that a frame needs few switches of processes.
  private static func enlarge(_ descriptor: Int32) {
    #if os(Linux)
    let setPipeSize: Int32 = 1031
    _ = fcntl(descriptor, setPipeSize, 1 << 20)
    #endif
  }
}
