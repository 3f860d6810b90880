import Files

/// Refuses texts on which the TOML library ends the process: it asserts on malformed headers, and
/// fails on braces in arrays and letters in dates. Recipes need no inline
/// tables, dotted headers or dates, and TOML has ASCII alone outside of strings.
struct RecipeSyntax {
  private enum State {
    case plain, comment
    case string(quote: Character, isLong: Bool)
  }

  private let path: String
  private var state = State.plain
  /// The number of open brackets in a value.
  private var depth = 0

  /// - Throws: `RecipeFileError` at the first syntax error.
  static func check(_ text: String, path: String) throws {
    var syntax = RecipeSyntax(path: path)
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() { try syntax.check(line, number: index + 1) }
  }

  private init(path: String) { self.path = path }

  private mutating func check(_ line: Substring, number: Int) throws {
    switch state {
    case .comment, .string(_, isLong: false): state = .plain
    case .plain, .string: break
    }
    if case .plain = state, depth == 0, line.drop(while: \.isBlank).hasPrefix("[") {
      guard
        line.wholeMatch(of: /[ \t]*\[{1,2}[ \t]*[A-Za-z0-9_\-]+[ \t]*\]{1,2}[ \t]*(#.*)?/) != nil
      else { throw error(number, 1, "a line that begins with [ must be [name] or [[name]].") }
      return
    }
    var (rest, column) = (line, 1)
    while let character = rest.first {
      let count = try step(character, rest, number, column)
      rest = rest.dropFirst(count)
      column += count
    }
  }

  /// - Returns: the number of characters read.
  private mutating func step(
    _ character: Character, _ rest: Substring, _ line: Int, _ column: Int
  ) throws -> Int {
    switch state {
    case .comment: return 1
    case .string(let quote, let isLong):
      if character == "\\", quote == "\"" { return 2 }
      let end = String(repeating: quote, count: isLong ? 3 : 1)
      guard rest.hasPrefix(end) else { return 1 }
      state = .plain
      return end.count
    case .plain:
      switch character {
      case "#": state = .comment
      case "\"", "'":
        let isLong = rest.hasPrefix(String(repeating: character, count: 3))
        state = .string(quote: character, isLong: isLong)
        return isLong ? 3 : 1
      case "[": depth += 1
      case "]": depth = max(0, depth - 1)
      default:
        guard character.isASCII, character != "{", character != "}",
          character.asciiValue! >= 0x20 || character == "\t"
        else { throw error(line, column, "the character \(character) is not allowed here.") }
      }
      return 1
    }
  }

  private func error(_ line: Int, _ column: Int, _ problem: String) -> RecipeFileError {
    RecipeFileError(path: path, line: line, column: column, problem: problem)
  }
}

extension Character {
  fileprivate var isBlank: Bool { self == " " || self == "\t" }
}
