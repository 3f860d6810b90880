#if Studio

/// The tables of the studio's database, and their changes from version to version.
enum Schema {
  /// The statements that lead from each version to the next. Those that were released never change.
  private static let versions = [
    [
      """
      CREATE TABLE pictures (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        width INTEGER NOT NULL,
        height INTEGER NOT NULL,
        created REAL NOT NULL
      ) STRICT
      """,
      """
      CREATE TABLE jobs (
        id TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        place REAL NOT NULL,
        request TEXT NOT NULL,
        title TEXT NOT NULL,
        styles TEXT NOT NULL,
        created REAL NOT NULL,
        started REAL,
        ended REAL,
        seconds REAL,
        width INTEGER,
        height INTEGER,
        problem TEXT,
        setting TEXT,
        note TEXT NOT NULL DEFAULT '',
        stars INTEGER NOT NULL DEFAULT 0,
        deleted REAL
      ) STRICT
      """,
      "CREATE INDEX jobs_by_state ON jobs (state, place)",
      "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    ],
    [
      "ALTER TABLE pictures ADD COLUMN seconds REAL",
      "ALTER TABLE jobs ADD COLUMN film INTEGER NOT NULL DEFAULT 0",
      "ALTER TABLE jobs ADD COLUMN series TEXT",
      "CREATE INDEX jobs_by_series ON jobs (series)",
    ],
  ]

  /// Brings a database to the current version.
  ///
  /// - Throws: `DatabaseError` if it cannot be written, or is of a newer version.
  static func prepare(_ database: Database, path: String) throws {
    let version = try database.rows("PRAGMA user_version").first?.integer("user_version") ?? 0
    guard version <= versions.count else {
      throw DatabaseError(path: path, reason: "it is of a newer Impasto")
    }
    for (index, statements) in versions.enumerated().dropFirst(version) {
      try database.transaction {
        for statement in statements { try database.run(statement) }
        try database.run("PRAGMA user_version = \(index + 1)")
      }
    }
  }
}
#endif
