import Files
import Foundation

/// Reads formats whose libraries are unsafe for untrusted files.
///
/// A child process with limits reads the file, which is its standard input, and writes a safetensors
/// file without a name, which is its standard output. Neither outlives this process.
enum IsolatedReader {
  /// The command that can run as the child process, and its hidden subcommand.
  private static let command = "impasto"
  private static let subcommand = "read-weights"
  /// The limit in seconds. The child's processor time is limited further; this also ends a
  /// child that only waits.
  private static let longestWait: TimeInterval = 180
  private static let longestMessage = 4096

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile, _ format: ModelFormat) throws -> (
    MappedFile, ModelFile.Contents
  ) {
    guard let executable = Bundle.main.executablePath,
      (executable as NSString).lastPathComponent == command
    else {
      throw ModelFileError.unsupported(
        path: file.path,
        reason: "only the command reads \(format.rawValue) files; convert the file to safetensors "
          + "with '\(command) models convert'")
    }
    let result = try UnlinkedFile()
    try run(executable, reading: file.path, to: result)
    do {
      let weights = try MappedFile(descriptor: result.descriptor, path: file.path)
      var contents = try SafetensorsReader.contents(of: weights)
      IsolatedResult.restore(&contents)
      return (weights, contents)
    } catch is ModelFileError {
      // Its errors name bytes of a file that the user does not know.
      throw ModelFileError.unsupported(
        path: file.path, reason: "damaged: reading it gave an invalid result")
    }
  }

  private static func run(_ executable: String, reading path: String, to result: UnlinkedFile)
    throws
  {
    let source = try InputFile.open(path)
    defer { close(source) }
    let process = Process()
    let errors = Pipe()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = [subcommand, "\(ProcessInfo.processInfo.processIdentifier)"]
    // After a crash Swift's backtracer can take minutes.
    process.environment = ProcessInfo.processInfo.environment
      .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardInput = FileHandle(fileDescriptor: source)
    process.standardOutput = FileHandle(fileDescriptor: result.descriptor)
    process.standardError = errors
    do {
      try process.run()
    } catch {
      throw ModelFileError.unsupported(
        path: path, reason: "cannot start the process that reads it")
    }
    let deadline = DispatchWorkItem { kill(process.processIdentifier, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + longestWait, execute: deadline)
    let message = try? errors.fileHandleForReading.read(upToCount: longestMessage)
    try? errors.fileHandleForReading.close()
    process.waitUntilExit()
    deadline.cancel()
    guard process.terminationReason == .uncaughtSignal || process.terminationStatus != 0 else {
      return
    }
    throw ModelFileError.unsupported(path: path, reason: reason(process, message ?? Data()))
  }

  private static func reason(_ process: Process, _ message: Data) -> String {
    guard process.terminationReason == .uncaughtSignal else {
      let line = String(decoding: message, as: UTF8.self).split(separator: "\n").first
      return line.map(String.init) ?? "damaged: the process that reads it failed"
    }
    switch process.terminationStatus {
    case SIGXCPU, SIGKILL: return "reading it takes longer than any network needs"
    case SIGXFSZ: return "it would grow beyond the size of weights"
    default: return "damaged: the library that reads it crashed"
    }
  }
}
