#if Studio
import Foundation

/// The jobs and their order.
extension Library {
  /// Adds a job to the end of the queue.
  ///
  /// - Parameter isFilm: whether the result will be a film.
  /// - Throws: `DatabaseError`.
  func addJob(_ request: JobRequest, title: String, isFilm: Bool) throws -> StudioJob {
    let id = Identifier()
    let text = String(decoding: try JSONEncoder().encode(request), as: UTF8.self)
    try with {
      try $0.run(
        """
        INSERT INTO jobs (id, state, place, request, title, styles, created, film, series)
        VALUES (?, 'queued', (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs), ?, ?, ?, ?, ?, ?)
        """,
        [
          .text("\(id)"), .text(text), .text(title),
          .text(request.styles.joined(separator: " ")), .real(Self.now),
          .integer(isFilm ? 1 : 0), Database.Value(request.series.map { "\($0)" }),
        ])
    }
    return try job(id)!
  }

  /// A job; nil if there is none of this name.
  ///
  /// - Throws: `DatabaseError`.
  func job(_ id: Identifier) throws -> StudioJob? {
    try with { database in
      try database.rows("\(Self.selection) WHERE id = ?", [.text("\(id)")]).first
        .flatMap(Self.job)
    }
  }

  /// What to look for among jobs.
  struct Search: Sendable {
    var states: [StudioJob.State] = StudioJob.State.allCases
    /// A part of the title, the note or a style.
    var text: String?
    var style: String?
    /// A part of the settings, such as `"quality":"best"`.
    var setting: String?
    /// The series that jobs were added in.
    var series: Identifier?
    var leastStars = 0
    var from: Double?
    var to: Double?
    var deleted = false
    var limit = 60
    var offset = 0
  }

  /// The jobs that match, the newest first; those in the queue by their place.
  ///
  /// - Throws: `DatabaseError`.
  func jobs(_ search: Search = Search()) throws -> [StudioJob] {
    let states = search.states.map { "'\($0.rawValue)'" }.joined(separator: ",")
    return try with { database in
      try database.rows(
        """
        \(Self.selection) WHERE state IN (\(states))
        AND (deleted IS NOT NULL) = ?1
        AND (?2 IS NULL OR instr(lower(title || ' ' || note || ' ' || styles), lower(?2)) > 0)
        AND (?3 IS NULL OR instr(' ' || styles || ' ', ' ' || ?3 || ' ') > 0)
        AND (?4 IS NULL OR instr(request, ?4) > 0)
        AND stars >= ?5
        AND (?10 IS NULL OR series = ?10)
        AND (?6 IS NULL OR created >= ?6) AND (?7 IS NULL OR created < ?7)
        ORDER BY state != 'running', state != 'queued',
          CASE state WHEN 'queued' THEN place END, created DESC
        LIMIT ?8 OFFSET ?9
        """,
        [
          .integer(search.deleted ? 1 : 0), Database.Value(search.text),
          Database.Value(search.style), Database.Value(search.setting),
          .integer(search.leastStars), Database.Value(search.from), Database.Value(search.to),
          .integer(search.limit), .integer(search.offset),
          Database.Value(search.series.map { "\($0)" }),
        ]
      ).compactMap(Self.job)
    }
  }

  /// Takes the first job of the queue, which runs from now on; nil if none is queued.
  ///
  /// - Throws: `DatabaseError`.
  func startNext() throws -> StudioJob? {
    let id = try with { database in
      try database.rows(
        """
        UPDATE jobs SET state = 'running', started = ?, problem = NULL, setting = NULL
        WHERE id = (SELECT id FROM jobs WHERE state = 'queued' AND deleted IS NULL
                    ORDER BY place LIMIT 1)
        RETURNING id
        """, [.real(Self.now)]
      ).first?.text("id")
    }
    return try id.flatMap { Identifier($0) }.flatMap(job)
  }

  /// Puts the jobs that were running when the process ended at the head of the queue.
  ///
  /// - Throws: `DatabaseError`.
  func requeueInterrupted() throws {
    try with {
      try $0.run(
        """
        UPDATE jobs SET state = 'queued', place = (SELECT COALESCE(MIN(place), 1) - 1 FROM jobs)
        WHERE state = 'running'
        """)
    }
  }

  /// Puts a job at the end of the queue again.
  ///
  /// - Throws: `DatabaseError`.
  func requeue(_ id: Identifier) throws {
    try with {
      try $0.run(
        """
        UPDATE jobs SET state = 'queued', problem = NULL, setting = NULL, ended = NULL,
        place = (SELECT COALESCE(MAX(place), 0) + 1 FROM jobs) WHERE id = ?
        """, [.text("\(id)")])
    }
  }

  /// Moves a job that is queued to a position, from 1 on.
  ///
  /// - Throws: `DatabaseError`.
  func move(_ id: Identifier, to position: Int) throws {
    try with { database in
      try database.transaction {
        var ids = try database.rows("SELECT id FROM jobs WHERE state = 'queued' ORDER BY place")
          .compactMap { $0.text("id") }
        guard let index = ids.firstIndex(of: "\(id)") else { return }
        ids.remove(at: index)
        ids.insert("\(id)", at: min(max(0, position - 1), ids.count))
        let first =
          try database.rows("SELECT MIN(place) AS place FROM jobs WHERE state = 'queued'")
          .first?.real("place") ?? 0
        for (offset, id) in ids.enumerated() {
          try database.run(
            "UPDATE jobs SET place = ? WHERE id = ?", [.real(first + Double(offset)), .text(id)])
        }
      }
    }
  }

  /// Notes the end of a job.
  ///
  /// - Parameters:
  ///   - size: of the result; nil without one.
  ///   - problem: why it failed, and the setting that this is about.
  /// - Throws: `DatabaseError`.
  func end(
    _ id: Identifier, _ state: StudioJob.State, seconds: Double? = nil,
    size: (width: Int, height: Int)? = nil, problem: (text: String, setting: String?)? = nil
  ) throws {
    try with {
      try $0.run(
        """
        UPDATE jobs SET state = ?, ended = ?, seconds = ?, width = ?, height = ?, problem = ?,
        setting = ? WHERE id = ?
        """,
        [
          .text(state.rawValue), .real(Self.now), Database.Value(seconds),
          size.map { .integer($0.width) } ?? .null, size.map { .integer($0.height) } ?? .null,
          Database.Value(problem?.text), Database.Value(problem?.setting), .text("\(id)"),
        ])
    }
  }

  /// Changes what a user says about a job.
  ///
  /// - Throws: `DatabaseError`.
  func annotate(_ id: Identifier, note: String?, stars: Int?) throws {
    try with {
      try $0.run(
        "UPDATE jobs SET note = COALESCE(?, note), stars = COALESCE(?, stars) WHERE id = ?",
        [Database.Value(note), stars.map { .integer($0) } ?? .null, .text("\(id)")])
    }
  }

  /// Marks a job as deleted, or restores it.
  ///
  /// - Throws: `DatabaseError`.
  func setDeleted(_ id: Identifier, _ isDeleted: Bool) throws {
    try with {
      try $0.run(
        "UPDATE jobs SET deleted = ? WHERE id = ?",
        [isDeleted ? .real(Self.now) : .null, .text("\(id)")])
    }
  }

  /// Removes the rows of jobs that were deleted before a time, and returns their names.
  ///
  /// - Throws: `DatabaseError`.
  func purge(before time: Double) throws -> [Identifier] {
    try with {
      try $0.rows("DELETE FROM jobs WHERE deleted < ? RETURNING id", [.real(time)])
        .compactMap { $0.text("id").flatMap { Identifier($0) } }
    }
  }

  /// The number of jobs in the queue.
  ///
  /// - Throws: `DatabaseError`.
  func queuedCount() throws -> Int {
    try with {
      try $0.rows(
        "SELECT COUNT(*) AS count FROM jobs WHERE state = 'queued' AND deleted IS NULL"
      ).first?.integer("count") ?? 0
    }
  }

  /// The number of jobs that were added since a time.
  ///
  /// - Throws: `DatabaseError`.
  func jobCount(since time: Double) throws -> Int {
    try with {
      try $0.rows("SELECT COUNT(*) AS count FROM jobs WHERE created >= ?", [.real(time)])
        .first?.integer("count") ?? 0
    }
  }

  /// Jobs with their positions in the queue.
  private static let selection = """
    SELECT *, CASE state WHEN 'queued' THEN
      (SELECT COUNT(*) FROM jobs AS other
       WHERE other.state = 'queued' AND other.deleted IS NULL AND other.place <= jobs.place)
    END AS position FROM jobs
    """

  private static func job(_ row: Database.Row) -> StudioJob? {
    guard let id = row.text("id").flatMap({ Identifier($0) }),
      let state = row.text("state").flatMap(StudioJob.State.init),
      let request = row.text("request").flatMap({
        try? JSONDecoder().decode(JobRequest.self, from: Data($0.utf8))
      }), let created = row.real("created")
    else { return nil }
    return StudioJob(
      id: id, state: state, position: row.integer("position"), request: request,
      isFilm: row.integer("film") == 1,
      title: row.text("title") ?? "", created: created, started: row.real("started"),
      ended: row.real("ended"), seconds: row.real("seconds"), width: row.integer("width"),
      height: row.integer("height"), problem: row.text("problem"), setting: row.text("setting"),
      note: row.text("note") ?? "", stars: row.integer("stars") ?? 0,
      deleted: row.real("deleted"))
  }
}
#endif
