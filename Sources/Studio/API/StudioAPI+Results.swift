#if Studio
import Foundation
import Hummingbird
import Impasto
import Pictures
import Runs

/// Pictures, recipes and losses of jobs.
extension StudioAPI {
  /// The longer sides of reduced results.
  private static let sides = [320, 1280]

  /// A curve of losses, of a job or of a training.
  struct Losses: Encodable { let steps: [LiveJobs.Step] }

  var resultEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/jobs/:id/result") { request, context in
        let job = try finished(context)
        guard let side = try request.number("side", in: 1...20_000) else {
          return try await result(job, request, context)
        }
        guard Self.sides.contains(side) else {
          throw APIError(.badRequest, "side: must be 320 or 1280.")
        }
        let view = try await apart { try reduced(job, side) }
        return try file(view, type: "image/jpeg")
      },
      Endpoint(.get, "\(Self.prefix)/jobs/:id/preview") { _, context in
        guard let preview = live.preview(of: try job(context).id) else {
          throw APIError.notFound("preview")
        }
        return .bytes(preview, type: "image/jpeg", cache: "no-store")
      },
      Endpoint(.get, "\(Self.prefix)/jobs/:id/recipe") { _, context in
        let job = try finished(context)
        guard let text = try recipe(of: job) else { throw APIError.notFound("recipe") }
        var response = Response.bytes(Data(text.utf8), type: "application/toml; charset=utf-8")
        response.headers[.contentDisposition] =
          "attachment; filename=\"impasto-\(job.id).toml\""
        return response
      },
      Endpoint(.get, "\(Self.prefix)/jobs/:id/losses") { _, context in
        let job = try job(context)
        return try .json(Losses(steps: try live.steps(of: job.id) ?? recordedSteps(job.id)))
      },
      Endpoint(.get, "\(Self.prefix)/jobs/:id/report") { _, context in
        try file(
          "\(StudioFolder.job(finished(context).id))/report.html", type: "text/html",
          name: "report.html")
      },
    ]
  }

  /// The job in a request's path, which must have a result.
  private func finished(_ context: StudioContext) throws -> StudioJob {
    let job = try job(context)
    guard job.state == .finished else {
      throw APIError(.conflict, "The job has no result: it is \(job.state.rawValue).")
    }
    return job
  }

  /// The picture or the film.
  private func result(
    _ job: StudioJob, _ request: Request, _ context: StudioContext
  ) async throws -> Response {
    guard job.isFilm else {
      return try file(
        StudioFolder.result(job), type: "image/png", name: "impasto-\(job.id).png")
    }
    return try await FilmAnswer(
      path: StudioFolder.result(job), type: "video/mp4", name: "impasto-\(job.id).mp4"
    ).response(to: request, context)
  }

  /// The path of a result with a longer side of at most this length; for a film, of one of its frames.
  private func reduced(_ job: StudioJob, _ side: Int) throws -> String {
    let path = "\(StudioFolder.job(job.id))/view-\(side).jpg"
    guard !FileManager.default.fileExists(atPath: path) else { return path }
    let encoding = try PictureEncoding(format: .jpg, quality: 90)
    if job.isFilm {
      let frame = try FilmFile(StudioFolder.result(job)).frame(at: 1.0 / 3).picture
      try frame.resized(to: frame.size.fitted(within: side)).write(to: path, encoding)
    } else {
      let source = try PictureFile(StudioFolder.result(job))
      try source.decoded(source.size.fitted(within: side)).write(to: path, encoding)
    }
    return path
  }

  /// The recipe that a picture carries, or that a film was made with.
  private func recipe(of job: StudioJob) throws -> String? {
    guard job.isFilm else { return try PictureFile(StudioFolder.result(job)).recipe }
    return try job.request.recipe { try library.picture($0)?.kind }.text()
  }

  private func recordedSteps(_ id: Identifier) throws -> [LiveJobs.Step] {
    guard let record = try? RunRecord(StudioFolder.job(id)) else { return [] }
    return record.curve.map {
      LiveJobs.Step(
        iteration: $0.iteration, seconds: $0.seconds, total: $0.losses["total"] ?? 0,
        content: $0.losses["content"] ?? 0, style: $0.losses["style"] ?? 0)
    }
  }
}
#endif
