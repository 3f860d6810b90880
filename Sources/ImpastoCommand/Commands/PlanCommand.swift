import ArgumentParser
import Engine
import Foundation
import Impasto
import Runs

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Show the memory and the time that a transfer takes, before it runs.",
    discussion: """
      impasto plan photo.jpg --size 4096 --memory 2.5GB

      Without --style, the painting is \(Self.painting). The time is an estimate from a measurement of a second. A transfer may end earlier, when the loss
      hardly falls.
      """)

  @Argument(help: "The photo.")
  var photo: String

  @OptionGroup var settings: TransferSettings
  @OptionGroup var memory: MemoryOption
  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Print one JSON object on standard output.")
  var json = false

  private static let painting = "great-wave"

  func run() throws {
    var own = Recipe()
    settings.apply(to: &own)
    own.content = photo
    var (recipe, _) = try settings.base.recipe(overriddenBy: own)
    if recipe.style == nil { recipe.style = [Self.painting] }
    let forecast = try TransferForecast(
      recipe, memory: memory.memory?.bytes, threads: threadOption.threads)
    try StandardStreams.print(json ? Self.json(forecast) : Self.text(forecast))
  }

  private static func text(_ forecast: TransferForecast) -> String {
    let plan = forecast.memory
    let size = forecast.scales.last!.size
    var lines = ["\(size) pixels in \(AvailableMemory.text(Double(plan.bytes))) of memory"]
    lines += plan.parts.map { part in
      "  \(part.name.padding(toLength: 18, withPad: " ", startingAt: 0))"
        + AvailableMemory.text(Double(part.bytes))
    }
    if let side = plan.tileSide {
      lines.append(
        "\(plan.tiles) tiles of at most \(side)x\(side) pixels, which see "
          + String(format: "%.2f times the picture", plan.overlap))
    }
    if plan.fileBytes > 0 {
      lines.append("\(AvailableMemory.text(Double(plan.fileBytes))) in a temporary file")
    }
    lines.append("at most \(Progress.clock(forecast.seconds))")
    lines += forecast.scales.map { scale in
      "  \("\(scale.size)".padding(toLength: 14, withPad: " ", startingAt: 0))"
        + "\(scale.iterations) iterations, \(Progress.clock(scale.seconds))"
    }
    return lines.joined(separator: "\n")
  }

  private struct Report: Encodable {
    let bytes: Int
    let parts: [String: Int]
    let tileSide: Int?
    let tiles: Int
    let overlap: Double
    let fileBytes: Int
    let seconds: Double
  }

  private static func json(_ forecast: TransferForecast) throws -> String {
    let plan = forecast.memory
    return try JSON.line(
      Report(
        bytes: plan.bytes,
        parts: Dictionary(uniqueKeysWithValues: plan.parts.map { ($0.name, $0.bytes) }),
        tileSide: plan.tileSide, tiles: plan.tiles, overlap: plan.overlap,
        fileBytes: plan.fileBytes, seconds: forecast.seconds))
  }
}
