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
    let trained = try TrainedStyles.names()
    func table(_ paintings: [Painting]) -> String {
      TextTable(
        header: nil,
        rows: paintings.map { [$0.name, "\($0.title), \($0.painter), \($0.year)"] }
      ).text
    }
    let names = Painting.catalog.map(\.name)
    try StandardStreams.print(
      """
      Paintings with a trained style, for impasto stylize and impasto transfer:
      \(table(Painting.catalog.filter { trained.contains($0.name) }))

      Other paintings, for impasto transfer and impasto stylize:
      \(table(Painting.catalog.filter { !trained.contains($0.name) }))

      Other trained styles, for impasto stylize:
      \(TextTable(header: nil, rows: trained.filter { !names.contains($0) }.map { [$0] }).text)
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
