import Files
import Foundation

/// The command's messages: lines on standard error.
enum Terminal {
  /// Whether standard error is a terminal, where a line can be overwritten.
  static let isInteractive = isatty(STDERR_FILENO) == 1

  /// Prints an error as one line.
  static func complain(_ error: any Error) { complain(ErrorMessage.text(of: error)) }

  /// Prints an error message as one line.
  static func complain(_ message: String) {
    let line = message.split(whereSeparator: \.isNewline).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    .joined(separator: " ")
    write("impasto: \(TerminalText.line(line))\n")
  }

  /// Prints a note.
  static func note(_ message: String) {
    write("\(TerminalText.lines(message))\n")
  }

  /// Writes to standard error as far as possible. Nobody may be reading it any more, which must
  /// not end the work.
  static func write(_ text: String) {
    _ = Data(text.utf8).write(toDescriptor: STDERR_FILENO)
  }

  /// The terminal's width in characters.
  static var columns: Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
