#if Studio

/// A job of the studio, from the request to the result.
struct StudioJob: Sendable, Codable {
  /// How far a job is.
  enum State: String, Sendable, Codable, CaseIterable {
    case queued, running
    /// The result is complete, or was kept when the job was stopped.
    case finished
    case failed
    /// The job was canceled, and has no result.
    case canceled

    var isOver: Bool { self != .queued && self != .running }
  }

  let id: Identifier
  var state: State
  /// The place in the queue, from 1 on; nil unless the job is queued.
  var position: Int?
  let request: JobRequest
  /// Whether the result is a film, rather than a picture.
  let isFilm: Bool
  /// What people call it.
  let title: String
  /// Times in seconds since 1970.
  let created: Double
  var started: Double?
  var ended: Double?
  /// The seconds that the work took.
  var seconds: Double?
  /// The size of the result.
  var width: Int?
  var height: Int?
  /// Why the job failed, and the setting that this is about.
  var problem: String?
  var setting: String?
  /// What the user wrote about it.
  var note: String
  /// 0…5.
  var stars: Int
  /// When it was deleted; it can be restored for a while.
  var deleted: Double?
}
#endif
