import ArgumentParser
import Foundation
import Impasto
import Runs

struct ScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Measure how well a picture matches a photo's content and a painting's style.",
    discussion: """
      The losses are those of Gatys, Ecker and Bethge (2015), so that results of different tools compare: \
      content ½ Σ (F - P)², style 1/(4N²) Σ (G - A)² a layer with G and A divided by their positions, \
      and the squared differences of neighbours.
      """)

  @Argument(help: "The picture to measure; it keeps its size unless --size is given.")
  var image: String

  @Option(help: "The photo; it is resized to the picture's size.")
  var content: String

  @Option(help: "The painting: a file, or a name from impasto styles.")
  var style: String

  @Option(help: "The picture's longer side in pixels.")
  var size: Int?

  @Option(help: "The painting's longer side in pixels; by default it keeps its size.")
  var styleSize: Int?

  @OptionGroup var networkOptions: NetworkOptions
  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Prints one JSON object.")
  var json = false

  mutating func validate() throws {
    try Validation.side(size, "--size")
    try Validation.side(styleSize, "--style-size")
  }

  func run() throws {
    let losses = try losses()
    let score = Score(losses)
    try StandardStreams.print(json ? try JSON.line(score) : score.table)
  }

  private func losses() throws -> Losses {
    let network = try networkOptions.paperNetwork()
    let layers = try networkOptions.paperStyleLayers(of: network.architecture)
    let contentLayers = try networkOptions.paperContentLayers(of: network.architecture)
    let imageFile = try PictureFile(image)
    let imageSize = size.map { imageFile.size.scaled(toLongestSide: $0) } ?? imageFile.size
    let photoFile = try PictureFile(content)
    try checkShape(imageSize, photoFile)
    let paintingFile = try PictureFile(paintingNamed: style)
    let paintingSize =
      styleSize.map { paintingFile.size.scaled(toLongestSide: $0) } ?? paintingFile.size
    try checkSize(
      imageSize, of: imageFile, layers.shares + contentLayers.shares, network.architecture)
    try checkSize(paintingSize, of: paintingFile, layers.shares, network.architecture)
    let picture = try imageFile.decoded(imageSize)
    let photo = try photoFile.decoded(imageSize)
    let painting = try paintingFile.decoded(paintingSize)
    let target = try StyleTarget(
      painting: painting.pixels, mask: painting.visiblePart, layers: layers, network: network,
      threads: threadOption.threads)
    for note in imageFile.notes + photoFile.notes + paintingFile.notes { Terminal.note(note) }
    let objective = try Objective(
      photo: photo.pixels, visible: picture.visiblePart(with: photo), contentLayers: contentLayers,
      style: target,
      weights: .init(content: 1, style: 1, totalVariation: 1), styleLoss: .gram,
      normalization: .paper, network: network, hasGradient: false, threads: threadOption.threads)
    return objective.losses(picture.pixels.elements)
  }

  private func checkSize(
    _ size: PixelSize, of file: PictureFile, _ shares: [LayerWeights.Share],
    _ architecture: Architecture
  ) throws {
    do {
      try architecture.checkSize(
        width: size.width, height: size.height, for: shares.map(\.layer))
    } catch {
      throw ValidationError("\(file.path): \(error)")
    }
  }

  /// A photo of another shape would be distorted, and the content loss meaningless.
  private func checkShape(_ size: PixelSize, _ photo: PictureFile) throws {
    func ratio(_ size: PixelSize) -> Double { Double(size.width) / Double(size.height) }
    guard abs(ratio(photo.size) / ratio(size) - 1) <= 0.01 else {
      throw ValidationError(
        "--content \(photo.path): its shape \(photo.size) is not that of the picture, \(size).")
    }
  }
}

/// The losses in the form that is printed.
struct Score: Encodable {
  let content: Double
  let style: Style
  let tv: Double

  struct Style: Encodable {
    let total: Double
    let layers: [String: Double]
  }

  init(_ losses: Losses) {
    content = JSON.rounded(losses.content)
    style = Style(
      total: JSON.rounded(losses.style),
      layers: Dictionary(
        uniqueKeysWithValues: losses.styleLayers.map { ($0.key.name, JSON.rounded($0.value)) }))
    tv = JSON.rounded(losses.totalVariation)
  }

  var table: String {
    let rows =
      [("content", content), ("style", style.total)]
      + style.layers.sorted { $0.key < $1.key }.map { ("  \($0)", $1) }
      + [("tv", tv)]
    return rows.map { name, value in
      name.padding(toLength: 12, withPad: " ", startingAt: 0) + String(format: "%.9g", value)
    }.joined(separator: "\n")
  }
}
