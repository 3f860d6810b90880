#if Studio
import CSQLiteSystem
import Foundation

/// A connection to an SQLite database. One thread at a time may use it.
final class Database {
  /// A value of a column or a parameter.
  enum Value: Sendable, Hashable {
    case null
    case integer(Int)
    case real(Double)
    case text(String)
  }

  /// The values of a row by the names of their columns.
  struct Row: Sendable {
    fileprivate var values: [String: Value] = [:]

    func text(_ column: String) -> String? {
      if case .text(let text)? = values[column] { text } else { nil }
    }

    func integer(_ column: String) -> Int? {
      if case .integer(let number)? = values[column] { number } else { nil }
    }

    func real(_ column: String) -> Double? {
      switch values[column] {
      case .real(let number): number
      case .integer(let number): Double(number)
      default: nil
      }
    }
  }

  private let handle: OpaquePointer
  private let path: String

  /// Opens a database, and creates the file if it is missing.
  ///
  /// Whatever was written survives the end of the process at any moment, and a loss of power.
  ///
  /// - Throws: `DatabaseError`.
  init(path: String) throws {
    self.path = path
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX
    let code = sqlite3_open_v2(path, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = String(cString: sqlite3_errstr(code))
      sqlite3_close_v2(opened)
      throw DatabaseError(path: path, reason: reason)
    }
    handle = opened
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = FULL")
    try run("PRAGMA foreign_keys = ON")
    try run("PRAGMA busy_timeout = 2000")
  }

  deinit { sqlite3_close_v2(handle) }

  /// Runs a statement, and ignores what it returns.
  ///
  /// - Throws: `DatabaseError`.
  func run(_ statement: String, _ values: [Value] = []) throws { _ = try rows(statement, values) }

  /// Runs a statement, and returns its rows.
  ///
  /// - Parameter values: those of the parameters `?`, in order.
  /// - Throws: `DatabaseError`.
  func rows(_ statement: String, _ values: [Value] = []) throws -> [Row] {
    var prepared: OpaquePointer?
    try check(sqlite3_prepare_v2(handle, statement, -1, &prepared, nil))
    defer { sqlite3_finalize(prepared) }
    for (index, value) in values.enumerated() {
      try check(Self.bind(value, to: prepared, at: Int32(index + 1)))
    }
    var rows: [Row] = []
    while true {
      switch sqlite3_step(prepared) {
      case SQLITE_ROW: rows.append(Self.row(prepared))
      case SQLITE_DONE: return rows
      case let code: try check(code)
      }
    }
  }

  /// Does all of the body's changes, or none of them if it throws.
  ///
  /// - Throws: `DatabaseError`, and the errors of the body.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try run("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try run("COMMIT")
      return result
    } catch {
      try? run("ROLLBACK")
      throw error
    }
  }

  private func check(_ code: Int32) throws {
    guard code == SQLITE_OK else {
      throw DatabaseError(path: path, reason: String(cString: sqlite3_errmsg(handle)))
    }
  }

  private static func bind(_ value: Value, to statement: OpaquePointer?, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(statement, index)
    case .integer(let number): return sqlite3_bind_int64(statement, index, Int64(number))
    case .real(let number): return sqlite3_bind_double(statement, index, number)
    case .text(let text):
      // SQLite copies the text before the call returns.
      let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return sqlite3_bind_text(statement, index, text, Int32(text.utf8.count), transient)
    }
  }

  private static func row(_ statement: OpaquePointer?) -> Row {
    var row = Row()
    for column in 0..<sqlite3_column_count(statement) {
      let name = String(cString: sqlite3_column_name(statement, column))
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER:
        row.values[name] = .integer(Int(sqlite3_column_int64(statement, column)))
      case SQLITE_FLOAT: row.values[name] = .real(sqlite3_column_double(statement, column))
      case SQLITE_TEXT:
        row.values[name] = .text(String(cString: sqlite3_column_text(statement, column)))
      default: row.values[name] = .null
      }
    }
    return row
  }
}

extension Database.Value {
  init(_ text: String?) { self = text.map { .text($0) } ?? .null }
  init(_ number: Double?) { self = number.map { .real($0) } ?? .null }
}

/// Why the studio's database cannot be used.
struct DatabaseError: Error, CustomStringConvertible {
  let path: String
  let reason: String

  var description: String { "\(path): the database cannot be used: \(reason)." }
}
#endif
