import ArgumentParser
import Foundation
import Impasto

struct TransferCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transfer", abstract: "Repaints photos in the style of one or several paintings.",
    discussion: "impasto transfer photo.jpg --style great-wave -o out.png")

  @Argument(help: "The photos.")
  var photos: [String]

  @Option(
    name: .long, parsing: .singleValue,
    help:
      "A painting: a file, or a name from impasto styles. Give it several times to blend styles.")
  var style: [String]

  @Option(
    name: .shortAndLong, help: "The result: .png, .jpg, .webp or .tiff, or a folder that exists.")
  var output: String

  @Option(help: ArgumentHelp("How much of each style, such as 3,7.", valueName: "weights"))
  var styleBlend: String?

  @OptionGroup(title: "Size") var sizes: SizeOptions
  @OptionGroup(title: "Objective") var objective: ObjectiveOptions
  @OptionGroup(title: "Network") var networkOptions: NetworkOptions
  @OptionGroup(title: "Optimisation") var optimization: OptimizationOptions
  @OptionGroup(title: "Result") var result: ResultOptions
  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Says nothing but errors.")
  var quiet = false

  @Flag(help: "Prints one JSON object on standard output at the end.")
  var json = false

  mutating func validate() throws {
    guard !style.isEmpty else {
      throw ValidationError(
        "--style is missing: give a painting's file, or a name from «impasto styles».")
    }
    _ = try blendWeights()
  }

  func run() async throws {
    let task = Task { try await TransferBatch(self).run() }
    let interruption = Interruption { task.cancel() }
    let batch = await task.result
    if let status = interruption.exitStatus {
      switch batch {
      case .success(let reports): try printReports(reports)
      case .failure(let error): Terminal.complain(String(describing: error))
      }
      throw ExitCode(status)
    }
    let reports = try batch.get()
    try printReports(reports)
    if reports.failed > 0 { throw ExitCode.failure }
  }

  /// The weights of --style-blend, one for each style.
  func blendWeights() throws -> [Double] {
    guard let styleBlend else { return style.map { _ in 1 } }
    let weights = styleBlend.split(separator: ",", omittingEmptySubsequences: false).map {
      Double($0) ?? .nan
    }
    guard weights.allSatisfy({ $0 >= 0 && $0.isFinite }), weights.contains(where: { $0 > 0 }) else {
      throw ValidationError(
        "--style-blend \(styleBlend): has to be numbers of at least 0, not all 0, such as 3,7.")
    }
    guard weights.count == style.count else {
      throw ValidationError(
        "--style-blend \(styleBlend): there are \(style.count) styles, not \(weights.count).")
    }
    return weights
  }

  private func printReports(_ reports: BatchReport) throws {
    if json { print(try reports.json()) }
  }
}
