import ArgumentParser
import Foundation
import Impasto
import Pictures
import Runs

struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a network's layers respond to.",
    subcommands: [OfLayer.self])

  struct OfLayer: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "layer",
      abstract:
        "Draw the patches of pictures that excite a unit most, or all feature maps of one picture.",
      discussion: """
        impasto inspect layer conv3_2 --unit 17 --images photos/ -o patches.png
        impasto inspect layer conv3_2 --picture photo.jpg -o maps.png
        """)

    @Argument(help: "The layer, a name or number as in impasto layers.")
    var layer: String

    @Option(help: "The unit, from 0.")
    var unit: Int?

    @Option(
      help: ArgumentHelp("The folder of pictures to look for patches in.", valueName: "folder"))
    var images: String?

    @Option(help: ArgumentHelp("The picture whose feature maps are drawn.", valueName: "file"))
    var picture: String?

    @Option(help: ArgumentHelp("The longer side of the pictures, at most.", valueName: "pixels"))
    var size = 512

    @Option(name: .shortAndLong, help: "The contact sheet: \(PictureFormat.extensions).")
    var output: String

    @OptionGroup var modelOption: ModelOption
    @OptionGroup var threadOption: ThreadOption

    mutating func validate() throws {
      try Validation.side(size, "--size")
      guard (unit == nil) == (images == nil) else {
        throw ValidationError("--unit and --images: each needs the other.")
      }
      guard (unit == nil) != (picture == nil) else {
        throw ValidationError("give either --unit with --images, or --picture.")
      }
    }

    func run() throws {
      try PictureFormat.checkWritable(output)
      let recipe = modelOption.recipe(for: [layer])
      let network = try recipe.network()
      let layer = try network.architecture.layer(layer)
      recipe.networkNote.map(Terminal.note)
      let sheet =
        if let picture {
          try mapSheet(source(picture), layer, network)
        } else {
          try patchSheet(unit!, of: images!, layer, network)
        }
      try sheet.picture().write(to: output)
    }

    /// Opens a picture, which the sheet must not replace.
    private func source(_ path: String) throws -> PictureFile {
      try InputFiles([path]).checkNotInput(output, key: "output")
      return try PictureFile(path)
    }

    private func mapSheet(_ file: PictureFile, _ layer: Layer, _ network: FeatureNetwork) throws
      -> ContactSheet
    {
      let picture = try checked(file, layer, network)
      let maps = try FeatureMaps(
        of: picture, layer: layer, network: network, threads: threadOption.threads)
      let side = 80
      let cells = try maps.pictures().enumerated().map { unit, map in
        ContactSheet.Cell(
          try map.resized(to: map.size.scaled(toLongestSide: side)), label: "\(unit)")
      }
      return ContactSheet(cells, columns: 16, cellSide: side)
    }

    private func patchSheet(
      _ unit: Int, of folder: String, _ layer: Layer, _ network: FeatureNetwork
    ) throws -> ContactSheet {
      var found = try ExcitingPatches(
        layer: layer, unit: unit, network: network, threads: threadOption.threads)
      for file in try pictures(in: folder) {
        let name = (file.path as NSString).lastPathComponent
        try found.add(checked(source(file.path), layer, network), source: name)
      }
      let side = 160
      let cells = try found.patches.map { patch in
        ContactSheet.Cell(
          try patch.picture.resized(to: patch.picture.size.scaled(toLongestSide: side)),
          label: "\(patch.source) \(String(format: "%.4g", patch.value))")
      }
      return ContactSheet(cells, columns: 3, cellSide: side)
    }

    private func pictures(in folder: String) throws -> [PictureFile] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let files = names.sorted().compactMap { try? PictureFile("\(folder)/\($0)") }
      guard !files.isEmpty else {
        throw ValidationError("--images \(folder): there is no such folder, or no picture in it.")
      }
      return files
    }

    /// The picture in the size to look at it in.
    private func checked(_ file: PictureFile, _ layer: Layer, _ network: FeatureNetwork) throws
      -> Picture
    {
      let size = file.size.fitted(within: size)
      do {
        try network.architecture.checkSize(width: size.width, height: size.height, for: [layer])
      } catch {
        throw InputError(path: file.path, cause: error)
      }
      return try file.decoded(size)
    }
  }
}
