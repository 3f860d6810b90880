import ArgumentParser
import Files
import Impasto
import Pictures
import Runs

struct StylesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "styles", abstract: "List the paintings and trained styles for --style NAME.",
    discussion: """
      impasto styles --sheet photo.jpg -o sheet.png shows a photo in every trained style.
      """)

  @Option(help: ArgumentHelp("Repaint this photo in every trained style.", valueName: "photo"))
  var sheet: String?

  @Option(name: .shortAndLong, help: "The sheet: \(PictureFormat.extensions).")
  var output: String?

  @OptionGroup var threadOption: ThreadOption

  func validate() throws {
    if (sheet == nil) != (output == nil) {
      throw ValidationError("--sheet and --output: each needs the other.")
    }
  }

  func run() throws {
    if let sheet, let output { return try write(sheet, to: output) }
    let paintings = Painting.catalog.map { painting in
      [painting.name, "\(painting.title), \(painting.painter), \(painting.year)"]
    }
    let trained = try TrainedStyles.names().map { [$0] }
    try StandardStreams.print(
      """
      Paintings, for impasto transfer and impasto stylize:
      \(TextTable(header: nil, rows: paintings).text)

      Trained styles, for impasto stylize, of the network \(TrainedStyles.several):
      \(TextTable(header: nil, rows: trained).text)
      """)
  }

  /// The longer side of a picture on the sheet.
  private static let side = 300

  private func write(_ photo: String, to output: String) throws {
    try InputFiles([photo]).checkNotInput(output, key: "output")
    try PictureFormat.checkWritable(output)
    let picture = try Picture(contentsOf: photo, longestSide: Self.side)
    let network = try StylizerNetwork.shipped(TrainedStyles.several)
    let stylizer = try Stylizer(network, threads: threadOption.threads)
    let cells = try network.styleNames.map { name in
      ContactSheet.Cell(
        try stylizer.stylized(picture, style: .named(name, of: network)), label: name)
    }
    try ContactSheet(cells, columns: 6, cellSide: Self.side).picture().write(
      to: output, PictureEncoding(format: PictureFormat(path: output)))
  }
}
