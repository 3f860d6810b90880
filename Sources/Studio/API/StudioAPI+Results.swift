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

  private struct Losses: Encodable { let steps: [LiveJobs.Step] }

  var resultEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/jobs/:id/result") { request, context in
        let job = try finished(context)
        let path = StudioFolder.result(job.id)
        guard let side = try request.number("side", in: 1...20_000) else {
          return try file(path, type: "image/png", name: "impasto-\(job.id).png")
        }
        guard Self.sides.contains(side) else {
          throw APIError(.badRequest, "side: must be 320 or 1280.")
        }
        let view = try await apart { try reduced(job.id, side) }
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
        guard let text = try PictureFile(StudioFolder.result(job.id)).recipe else {
          throw APIError.notFound("recipe")
        }
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

  /// The path of a result with a longer side of at most this length.
  private func reduced(_ id: Identifier, _ side: Int) throws -> String {
    let path = "\(StudioFolder.job(id))/view-\(side).jpg"
    guard !FileManager.default.fileExists(atPath: path) else { return path }
    let source = try PictureFile(StudioFolder.result(id))
    try source.decoded(source.size.fitted(within: side)).write(
      to: path, PictureEncoding(format: .jpg, quality: 90))
    return path
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
