#if Studio
import Foundation
import Hummingbird
import Runs

/// Trainings that are watched.
extension StudioAPI {
  private struct Trainings: Encodable { let trainings: [Training] }

  private struct Training: Encodable {
    /// From 1.
    let number: Int
    /// The name of the record's folder.
    let name: String
    let isRunning: Bool
    /// The step of the newest preview; nil if there is none.
    let preview: Int?
  }

  var trainingEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/trainings") { _, _ in
        try .json(
          Trainings(
            trainings: trainings.enumerated().map { index, training in
              Training(
                number: index + 1,
                name: URL(fileURLWithPath: training.folder).lastPathComponent,
                isRunning: training.isRunning, preview: training.latestPreview?.step)
            }))
      },
      Endpoint(.get, "\(Self.prefix)/trainings/:number/losses") { _, context in
        let training = try training(context)
        let curve = try await apart { try training.curve() }
        return try .json(
          Losses(
            steps: curve.map { point in
              LiveJobs.Step(
                iteration: point.step, seconds: point.seconds, total: point.losses["total"] ?? 0,
                content: point.losses["content"] ?? 0, style: point.losses["style"] ?? 0)
            }))
      },
      Endpoint(.get, "\(Self.prefix)/trainings/:number/preview") { _, context in
        guard let preview = try training(context).latestPreview else {
          throw APIError.notFound("preview")
        }
        return try file(preview.path, type: "image/jpeg")
      },
    ]
  }

  private func training(_ context: StudioContext) throws -> TrainingWatch {
    guard let number = context.parameters.get("number").flatMap({ Int($0) }),
      trainings.indices.contains(number - 1)
    else { throw APIError.notFound("training") }
    return trainings[number - 1]
  }
}
#endif
