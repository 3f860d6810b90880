import ArgumentParser
import Files
import Foundation

/// Standard input, output and error, which may be closed, full or without a reader.
enum StandardStreams {
  /// Prepares the streams. Call it before any file is opened.
  static func prepare() {
    // A reader that left is an error of the write, not the end of the process.
    signal(SIGPIPE, SIG_IGN)
    // The next file that is opened would take the number of a closed stream, and receive its
    // messages. What is written to a stream that can only be read fails.
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
  }

  /// Prints a line on standard output.
  ///
  /// - Throws: `OutputError` if it cannot be written. If its reader has left, as `head` does, the
  ///   command ends without a message.
  static func print(_ text: String, terminator: String = "\n") throws {
    let data = Data((TerminalText.lines(text) + terminator).utf8)
    guard !data.write(toDescriptor: STDOUT_FILENO) else { return }
    guard errno != EPIPE else { throw ExitCode(128 + SIGPIPE) }
    throw OutputError(reason: String(cString: strerror(errno)))
  }
}

/// Standard output cannot be written.
struct OutputError: Error, CustomStringConvertible {
  let reason: String
  var description: String { "standard output: cannot be written: \(reason)." }
}
