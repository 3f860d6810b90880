import ArgumentParser
import Impasto
import Runs

struct ColorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "color", abstract: "Give a finished picture the colors of another one.",
    discussion: "impasto color result.png --like photo.jpg --method luminance -o out.png")

  @Argument(help: "The picture.")
  var picture: String

  @Option(help: "The picture whose colors it gets.")
  var like: String

  @Option(
    help: ArgumentHelp(
      "luminance keeps the picture's luminance and takes the other's chroma, pixel by pixel; histogram, cholesky and pca take the distribution of colors (default: \(ColorMethod.luminance.rawValue)).",
      valueName: "method"))
  var method = ColorMethod.luminance

  @Option(name: .shortAndLong, help: "The result: \(PictureFormat.extensions).")
  var output: String

  @OptionGroup(title: "Result") var encoding: EncodingOptions

  func run() throws {
    var recipe = Recipe()
    encoding.apply(to: &recipe)
    try recipe.check()
    _ = try OutputPlan(
      photos: [picture], styles: [], output: output, format: encoding.format,
      inputs: [picture, like])
    try encoding.check(path: output)
    let file = try PictureFile(picture)
    let other = try PictureFile(like)
    var format = try recipe.encoding(path: output, format: encoding.format)
    if encoding.includesMetadata { format.xmp = try file.xmp() }
    format.resolution = file.resolution ?? .standard
    let size = method == .luminance ? file.size : other.size
    let result = try file.decoded(file.size).recolored(like: other.decoded(size), method)
    for note in file.notes + other.notes { Terminal.note(note) }
    try result.write(to: output, format)
  }
}

extension ColorMethod: ExpressibleByArgument {}
