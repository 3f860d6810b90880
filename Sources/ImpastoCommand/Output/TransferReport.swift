import Impasto
import Runs

/// The report of a finished transfer.
struct TransferReport: Encodable {
  let content: String?
  let output: String
  let status: String
  let size: Size
  let photoSize: Size?
  let styles: [Style]
  let losses: Losses
  let seconds: Double
  let iterations: Int
  let evaluations: Int
  let scales: Int
  let model: String
  let pooling: String
  let padding: String
  let optimizer: String
  let seed: Int
  let curve: [Point]

  /// The loss after an iteration, for a plot over time. Losses of different scales cannot be
  /// compared.
  struct Point: Encodable {
    let scale: Int
    let iteration: Int
    let evaluations: Int
    let seconds: Double
    let total: Double
  }

  struct Size: Encodable {
    let width: Int
    let height: Int

    init(_ size: PixelSize) {
      width = size.width
      height = size.height
    }
  }

  struct Style: Encodable {
    let path: String
    let size: Size
    let weight: Double
  }

  /// The losses as in `Score`, with their weighted sum.
  struct Losses: Encodable {
    let total: Double
    let content: Double
    let style: Score.Style
    let tv: Double

    init(_ losses: Impasto.Losses) {
      let score = Score(losses)
      total = JSON.rounded(losses.total)
      content = score.content
      style = score.style
      tv = score.tv
    }
  }
}

extension TransferReport {
  init(_ result: JobResult, seconds: Double, curve: [Point]) {
    let (plan, step) = (result.plan, result.step)
    let recipe = plan.recipe
    self.init(
      content: recipe.content, output: result.output ?? "", status: "\(step.status)",
      size: Size(plan.size), photoSize: plan.photo.map { Size($0.size) },
      styles: plan.styles.map {
        Style(path: $0.file.path, size: Size($0.size), weight: $0.weight)
      },
      losses: Losses(step.losses), seconds: seconds, iterations: step.iteration,
      evaluations: step.evaluations, scales: plan.scales, model: recipe.model!,
      pooling: recipe.pooling!.rawValue, padding: recipe.padding!.rawValue,
      optimizer: recipe.optimizer!.rawValue, seed: recipe.seed!, curve: curve)
  }
}

extension TransferReport.Point {
  init(_ step: TransferStep, seconds: Double) {
    self.init(
      scale: step.scale, iteration: step.iteration, evaluations: step.evaluations,
      seconds: seconds, total: JSON.rounded(step.losses.total))
  }
}

/// The report of all photos of one command.
struct BatchReport {
  var reports: [TransferReport] = []
  var failed = 0
  let photos: Int

  init(photos: Int) { self.photos = photos }

  /// Adds a result. One whose frames or record are not complete counts as failed.
  mutating func add(_ outcome: (result: JobResult, report: TransferReport)) {
    reports.append(outcome.report)
    if outcome.result.isIncomplete { failed += 1 }
  }

  /// One object: a single photo's report, or those of several as `transfers`.
  func json() throws -> String {
    struct Several: Encodable {
      let transfers: [TransferReport]
      let failed: Int
    }
    if photos == 1, let report = reports.first { return try JSON.line(report) }
    return try JSON.line(Several(transfers: reports, failed: failed))
  }
}
