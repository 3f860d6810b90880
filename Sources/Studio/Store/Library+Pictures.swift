#if Studio
import Foundation

extension Library {
  /// Adds a picture, whose file is there already.
  ///
  /// - Throws: `DatabaseError`.
  func add(_ picture: StudioPicture) throws {
    try with {
      try $0.run(
        "INSERT INTO pictures VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
          .text("\(picture.id)"), .text(picture.kind.rawValue), .text(picture.name),
          .integer(picture.width), .integer(picture.height), .real(picture.created),
          Database.Value(picture.seconds),
        ])
    }
  }

  /// A picture; nil if there is none of this name.
  ///
  /// - Throws: `DatabaseError`.
  func picture(_ id: Identifier) throws -> StudioPicture? {
    try with {
      try $0.rows("SELECT * FROM pictures WHERE id = ?", [.text("\(id)")]).first
        .flatMap(Self.picture)
    }
  }

  /// The pictures of a kind, the newest first.
  ///
  /// - Throws: `DatabaseError`.
  func pictures(_ kind: StudioPicture.Kind?) throws -> [StudioPicture] {
    try with {
      try $0.rows(
        "SELECT * FROM pictures WHERE ?1 IS NULL OR kind = ?1 ORDER BY created DESC LIMIT 500",
        [Database.Value(kind?.rawValue)]
      ).compactMap(Self.picture)
    }
  }

  /// Removes a picture that no job needs, with its files.
  ///
  /// - Returns: whether it was removed.
  /// - Throws: `DatabaseError`.
  func removePicture(_ id: Identifier) throws -> Bool {
    try with { database in
      let isNeeded = try !database.rows(
        "SELECT id FROM jobs WHERE instr(request, ?) > 0 LIMIT 1", [.text("\(id)")]
      ).isEmpty
      guard !isNeeded else { return false }
      try database.run("DELETE FROM pictures WHERE id = ?", [.text("\(id)")])
      StudioFolder.removePicture(id)
      return true
    }
  }

  private static func picture(_ row: Database.Row) -> StudioPicture? {
    guard let id = row.text("id").flatMap({ Identifier($0) }),
      let kind = row.text("kind").flatMap(StudioPicture.Kind.init), let name = row.text("name"),
      let width = row.integer("width"), let height = row.integer("height"),
      let created = row.real("created")
    else { return nil }
    return StudioPicture(
      id: id, kind: kind, name: name, width: width, height: height, created: created,
      seconds: row.real("seconds"))
  }
}
#endif
