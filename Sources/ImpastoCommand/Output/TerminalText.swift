import Files

/// Text for the terminal, without characters that control it.
///
/// Names of files, tensors and settings come from others. Control characters could move the cursor,
/// change the window's title or hide a part of a message; marks of the writing direction could make
/// a name look like another.
enum TerminalText {
  /// One line: control characters are shown as `\u{1B}`, and bytes that are not UTF-8 as `\xE9`.
  static func line(_ text: String) -> String { escaped(text, keeping: []) }

  /// Several lines.
  static func lines(_ text: String) -> String { escaped(text, keeping: ["\n"]) }

  private static func escaped(_ text: String, keeping kept: Set<Unicode.Scalar>) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if let byte = SystemPath.byte(of: scalar) {
        result += "\\x\(String(byte, radix: 16, uppercase: true))"
      } else if isControl(scalar), !kept.contains(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether a character controls the terminal, ends a line, changes the writing direction, or
  /// stands for a byte that is not UTF-8.
  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    if SystemPath.byte(of: scalar) != nil { return true }
    return switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f: true
    case 0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
