#if Studio
import Foundation
import Synchronization

/// Everything that the studio keeps: its pictures, jobs and their order.
final class Library: Sendable {
  let folder: StudioFolder
  private let connection: Mutex<Connection>

  /// SQLite's connection, which the mutex lends to one thread at a time.
  private struct Connection: @unchecked Sendable { let database: Database }

  /// Opens the library of a folder.
  ///
  /// - Throws: `DatabaseError`.
  init(_ folder: StudioFolder) throws {
    self.folder = folder
    let database = try Database(path: folder.database)
    try Schema.prepare(database, path: folder.database)
    connection = Mutex(Connection(database: database))
  }

  /// Uses the database, while other threads wait.
  func with<Result: Sendable>(_ body: (Database) throws -> Result) throws -> Result {
    try connection.withLock { try body($0.database) }
  }

  /// The time in seconds since 1970.
  static var now: Double { Date().timeIntervalSince1970 }

  /// A setting of the studio itself, which outlasts the process.
  ///
  /// - Throws: `DatabaseError`.
  func setting(_ key: String) throws -> String? {
    try with {
      try $0.rows("SELECT value FROM settings WHERE key = ?", [.text(key)]).first?.text("value")
    }
  }

  /// Changes a setting of the studio itself.
  ///
  /// - Throws: `DatabaseError`.
  func set(_ key: String, _ value: String) throws {
    try with {
      try $0.run(
        """
        INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
        """, [.text(key), .text(value)])
    }
  }
}
#endif
