#if Studio
import Foundation
import Hummingbird
import Impasto
import Runs

/// The queue and the history.
extension StudioAPI {
  private struct Jobs: Encodable { let jobs: [StudioJob] }

  /// What a client changes of a job.
  private struct Change: Decodable {
    /// The new place in the queue, from 1 on.
    var position: Int?
    /// What to do with the job.
    var action: Action?
    var note: String?
    var stars: Int?

    enum Action: String, Decodable {
      /// Stop, and keep the picture so far.
      case keep
      /// Stop, and keep nothing.
      case cancel
      case retry
      /// Take back a deletion.
      case restore
    }
  }

  /// The most jobs that may be added in a minute.
  private static let mostPerMinute = 120
  private static let longestNote = 4000

  var jobEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/jobs") { request, _ in
        try .json(Jobs(jobs: library.jobs(search(request))))
      },
      Endpoint(.post, "\(Self.prefix)/jobs") { request, _ in
        let job = try await request.json(JobRequest.self)
        guard try library.jobCount(since: Library.now - 60) < Self.mostPerMinute else {
          throw APIError(
            .tooManyRequests, "At most \(Self.mostPerMinute) jobs can be added in a minute.")
        }
        let added = try await queue.add(job)
        return try .json(
          added, status: .created, headers: [.location: "\(Self.prefix)/jobs/\(added.id)"])
      },
      Endpoint(.get, "\(Self.prefix)/jobs/:id") { _, context in try .json(job(context)) },
      Endpoint(.patch, "\(Self.prefix)/jobs/:id") { request, context in
        let job = try job(context)
        try await change(job, try await request.json(Change.self))
        return try .json(self.job(context))
      },
      Endpoint(.delete, "\(Self.prefix)/jobs/:id") { request, context in
        let job = try job(context)
        guard job.state.isOver else {
          throw APIError(.conflict, "The job is not over; cancel it first.")
        }
        try library.setDeleted(job.id, true)
        if let changed = try library.job(job.id) { hub.post(.job, job: job.id, changed) }
        return Response(status: .noContent)
      },
      Endpoint(.post, "\(Self.prefix)/plan") { request, _ in
        let job = try await request.json(JobRequest.self)
        return try await apart { try plan(job) }
      },
    ]
  }

  /// The job in a request's path.
  func job(_ context: StudioContext) throws -> StudioJob {
    guard let job = try library.job(context.id()) else { throw APIError.notFound("job") }
    return job
  }

  private func search(_ request: Request) throws -> Library.Search {
    var search = Library.Search()
    if let states = request.query("state") {
      search.states = try states.split(separator: ",").map {
        guard let state = StudioJob.State(rawValue: String($0)) else {
          throw APIError(.badRequest, "state: there is no state \($0).")
        }
        return state
      }
    }
    search.text = request.query("text")
    search.style = request.query("style")
    if let setting = request.query("setting") {
      // As JSON writes it: quality=best becomes "quality":"best".
      let parts = setting.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, JobRequest.keys.contains(String(parts[0])) else {
        throw APIError(.badRequest, "setting: must be a key and a value, such as quality=best.")
      }
      let value = Double(parts[1]) == nil ? "\"\(parts[1])\"" : String(parts[1])
      search.setting = "\"\(parts[0])\":\(value)"
    }
    if let series = request.query("series") {
      guard let id = Identifier(series) else {
        throw APIError(.badRequest, "series: must be 16 hexadecimal digits.")
      }
      search.series = id
    }
    search.leastStars = try request.number("stars", in: 0...5) ?? 0
    search.from = try request.number("from", in: 0...1e11)
    search.to = try request.number("to", in: 0...1e11)
    if let deleted = request.query("deleted") {
      guard let value = Bool(deleted) else {
        throw APIError(.badRequest, "deleted: must be true or false.")
      }
      search.deleted = value
    }
    search.limit = try request.number("limit", in: 1...500) ?? search.limit
    search.offset = try request.number("offset", in: 0...1_000_000) ?? 0
    return search
  }

  private func change(_ job: StudioJob, _ change: Change) async throws {
    if let stars = change.stars, !(0...5).contains(stars) {
      throw APIError(.unprocessableContent, "stars: must be between 0 and 5.")
    }
    if let note = change.note, note.count > Self.longestNote {
      throw APIError(
        .unprocessableContent, "note: must have at most \(Self.longestNote) characters.")
    }
    if change.note != nil || change.stars != nil {
      try library.annotate(job.id, note: change.note, stars: change.stars)
    }
    if let position = change.position {
      guard job.state == .queued else {
        throw APIError(.conflict, "The job is not in the queue any more.")
      }
      try await queue.move(job.id, to: position)
    }
    switch change.action {
    case .keep, .cancel:
      guard !job.state.isOver else { throw APIError(.conflict, "The job is over.") }
      try await queue.stop(job.id, keeping: change.action == .keep)
    case .retry:
      guard job.state.isOver else { throw APIError(.conflict, "The job is not over.") }
      try await queue.retry(job.id)
    case .restore: try library.setDeleted(job.id, false)
    case nil: break
    }
    if let changed = try library.job(job.id) { hub.post(.job, job: job.id, changed) }
  }

  /// The memory and the time of an optimization.
  private struct Plan: Encodable {
    let width: Int
    let height: Int
    let bytes: Int
    let tiles: Int
    let fileBytes: Int
    let seconds: Double
  }

  private func plan(_ request: JobRequest) throws -> Response {
    guard request.method == .optimization else {
      throw APIError(.unprocessableContent, "One pass needs no plan.", setting: "method")
    }
    let recipe = try request.recipe { try library.picture($0)?.kind }
    let forecast: TransferForecast
    do { forecast = try TransferForecast(recipe) } catch let error as InputError {
      throw APIError(.unprocessableContent, "\(error.cause)")
    }
    let size = forecast.scales.last!.size
    return try .json(
      Plan(
        width: size.width, height: size.height, bytes: forecast.memory.bytes,
        tiles: forecast.memory.tiles, fileBytes: forecast.memory.fileBytes,
        seconds: forecast.seconds))
  }
}
#endif
