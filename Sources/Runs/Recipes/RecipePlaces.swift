import Foundation

/// The positions of keys and tables in a recipe's text, found in one pass.
///
/// The TOML library reports only the positions of syntax errors.
struct RecipePlaces {
  /// A position, counted from 1.
  struct Place {
    let line: Int
    let column: Int
  }

  private struct Name: Hashable {
    let key: String
    /// The table that the key is in; nil outside of tables.
    let table: String?
  }

  private var keys: [Name: Place] = [:]
  private var tables: [String: Place] = [:]

  init(_ text: String) {
    var table: String?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let trimmed = line.trimmingPrefix(while: \.isWhitespace)
      let place = Place(line: index + 1, column: line.count - trimmed.count + 1)
      let name = trimmed.prefix { $0 != "#" }.trimmingCharacters(in: .whitespaces)
      if name.hasPrefix("["), name.hasSuffix("]") {
        let own = name.trimmingCharacters(in: CharacterSet(charactersIn: "[] "))
        table = own
        if tables[own] == nil { tables[own] = place }
      } else {
        let own = name.prefix { $0 != "=" }.trimmingCharacters(
          in: CharacterSet(charactersIn: "\"' "))
        let key = Name(key: own, table: table)
        if keys[key] == nil { keys[key] = place }
      }
    }
  }

  /// The first place of a key in a table; outside of tables, that of a key or of a table.
  func place(of key: String, in table: String?) -> Place? {
    keys[Name(key: key, table: table)] ?? (table == nil ? tables[key] : nil)
  }
}
