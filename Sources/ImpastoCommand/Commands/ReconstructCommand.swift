import ArgumentParser
import Files
import Foundation
import Impasto
import NetworkStore
import Pictures
import Runs

struct ReconstructCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reconstruct",
    abstract:
      "Show the information that layers keep of a picture: figure 1 of Gatys, Ecker and Bethge (2015).",
    subcommands: [Content.self, StyleOfLayers.self])

  struct Content: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reconstruct a picture from the features of layers, from white noise.",
      discussion: "impasto reconstruct content photo.jpg --layers conv1_1,conv3_1,conv5_1 -o folder"
    )

    @OptionGroup var options: ReconstructOptions

    func run() async throws {
      try await options.run(
        PictureFile(options.picture), steps: options.layerNames(isCumulative: false)
      ) { recipe, layers in
        recipe.content = options.picture
        recipe.style = []
        recipe.contentLayers = layers
      }
    }
  }

  struct StyleOfLayers: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "style",
      abstract:
        "Reconstruct the style of a picture from the Gram matrices of one layer, then one more, and so on, from white noise.",
      discussion: "impasto reconstruct style painting.jpg --layers conv1_1,conv2_1 -o folder")

    @OptionGroup var options: ReconstructOptions

    func run() async throws {
      try await options.run(
        PictureFile(paintingNamed: options.picture),
        steps: options.layerNames(isCumulative: true)
      ) { recipe, layers in
        recipe.style = [options.picture]
        recipe.styleLayers = layers
        recipe.scales = recipe.scales ?? 1
      }
    }
  }
}

/// The options of both kinds of reconstruction.
struct ReconstructOptions: ParsableArguments {
  @Argument(help: "The picture; for a style also a name from impasto styles.")
  var picture: String

  @Option(
    name: [.customLong("layers"), .customLong("layer")],
    help: ArgumentHelp(
      "Layers, one picture each; conv1_1…conv5_1 are the first ones of all blocks (default: conv1_1…conv5_1).",
      valueName: "layer,layer"))
  var layers = "conv1_1…conv5_1"

  @Option(name: .shortAndLong, help: "A new folder for the pictures and their contact sheet.")
  var output: String

  @Option(
    help: ArgumentHelp(
      "The longer side in pixels (default: at most \(ReconstructOptions.side)).",
      valueName: "pixels"))
  var size: ResultSize?

  @Option(help: "The weight of the total variation, which smooths (default: 0).")
  var tvWeight: Double?

  @Flag(help: "Keeps a record of each picture as well, as transfer --run does.")
  var records = false

  @OptionGroup var modelOption: ModelOption

  @Option(help: "Average or max pooling (default: avg).")
  var pooling: Pooling?

  @OptionGroup var optimization: OptimizationOptions
  @OptionGroup var work: WorkOptions

  private static let side = 256

  /// The layers of each step.
  func layerNames(isCumulative: Bool) throws -> [String] {
    let architecture = try modelOption.recipe(for: LayerRange.ends(of: layers)).network()
      .architecture
    let names = try LayerRange(layers, architecture).names
    guard isCumulative else { return names }
    return names.indices.map { names[...$0].joined(separator: ",") }
  }

  /// Makes a folder with a picture for each step.
  func run(
    _ file: PictureFile, steps: [String],
    _ fill: @escaping @Sendable (inout Recipe, String) -> Void
  ) async throws {
    var base = Recipe()
    optimization.apply(to: &base)
    modelOption.apply(to: &base)
    // All pictures of a sheet are made with the same network.
    let all = modelOption.recipe(for: steps)
    base.model = all.networkConfiguration.source
    base.pooling = pooling ?? .average
    base.styleLoss = .gram
    base.size = size
    base.tvWeight = tvWeight ?? 0
    base.start = "noise"
    base.padding = .zero
    base.margin = base.margin ?? 0
    try base.check()
    if size == nil { base.size = .longestSide(file.size.fitted(within: Self.side).longestSide) }
    try NewFolder.check(output)
    let recipes = steps.map { layers in
      var recipe = base
      fill(&recipe, layers)
      return (layers, recipe)
    }
    all.networkNote.map(Terminal.note)
    try await work.run { [self] in try await reconstruct(recipes) }
  }

  private func reconstruct(_ steps: [(layers: String, recipe: Recipe)]) async throws -> BatchReport
  {
    let networks = NetworkCache()
    _ = try steps[0].recipe.network(from: networks)
    let folder = try NewFolder(output)
    var reports = BatchReport(photos: steps.count)
    var cells: [ContactSheet.Cell] = []
    do {
      for (number, (layers, recipe)) in steps.enumerated() where !Task.isCancelled {
        work.say("\(layers):")
        let last = layers.split(separator: ",").last!.replacingOccurrences(of: ":", with: "_")
        let name = "\(folder.path)/\(number + 1)-\(last)"
        let job = TransferJob(
          recipe: recipe, output: folder.file("\(number + 1)-\(last).png"),
          record: records ? name : nil,
          threads: work.threads, networks: networks)
        let outcome = try await JobConsole(work: work).run(job)
        reports.add(outcome)
        cells.append(
          .init(
            try outcome.result.thumbnail(side: Self.side),
            label: layers.replacingOccurrences(of: ",", with: ", ")))
      }
      try ContactSheet(cells, columns: cells.count, cellSide: Self.side).picture().write(
        to: folder.file("sheet.png"))
    } catch {
      // The folder may hold the last good picture.
      if (error as? JobFailure)?.kept == nil { folder.remove() }
      throw error
    }
    work.say("The pictures and sheet.png are in \(folder.path)")
    return reports
  }
}
