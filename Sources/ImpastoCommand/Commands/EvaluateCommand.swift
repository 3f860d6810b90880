import ArgumentParser
import Files
import Foundation
import Impasto
import Runs
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Compare a trained style with the optimization of the same losses.",
    discussion: """
      impasto evaluate photos/*.jpg --style style.safetensors --painting painting.jpg

      The losses are those of the training. For each photo they are computed for the photo itself, for what the \
      network makes of it, and for what L-BFGS finds from it. Use photos that the training did not see.
      """)

  @Argument(help: "The photos.")
  var photos: [String]

  @Option(help: "A style of impasto train: its file, FILE:NAME, or a name from impasto styles.")
  var style: String

  @Option(
    help: "The painting that the style was trained for; a shipped style needs none.")
  var painting: String?

  @Option(help: ArgumentHelp("The longer side of the photos (default: 384).", valueName: "pixels"))
  var size: Int?

  @Option(
    help: ArgumentHelp(
      "Evaluations of the losses that L-BFGS makes for a photo (default: 100).", valueName: "number"
    ))
  var evaluations: Int?

  @Option(help: ArgumentHelp("Write the table as comma-separated values, too.", valueName: "file"))
  var csv: String?

  @OptionGroup var work: WorkOptions

  func validate() throws {
    try Validation.side(size, "--size")
    try Validation.atLeast(1, evaluations, "--evaluations")
  }

  func run() throws {
    var job = EvaluateJob(style: style, painting: painting)
    job.threads = work.threads
    if let size { job.side = size }
    if let evaluations { job.evaluations = evaluations }
    if let csv {
      try AtomicFile.checkWritable(csv)
      try InputFiles(photos).checkNotInput(csv, key: "csv")
    }
    var rows: [Row] = []
    var all: [NetworkEvaluation.PhotoLosses] = []
    try job.run(photos: photos) { path, losses in
      all.append(losses)
      rows.append(Row(path, losses))
      work.say("\(path): \(String(format: "%.2f", rows.last!.ratio)) times the optimization's loss")
    }
    let mean = Row("mean", NetworkEvaluation.PhotoLosses(meanOf: all))
    if let csv {
      let lines = [Row.header] + (rows + [mean]).map(\.cells)
      let text = lines.map { $0.joined(separator: ",") + "\n" }.joined()
      try AtomicFile.write(Data(text.utf8), to: csv)
    }
    try StandardStreams.print(
      work.json
        ? JSON.line(rows + [mean])
        : TextTable(header: Row.header, rows: (rows + [mean]).map(\.cells)).text)
  }

  /// The losses of a photo in the form that is printed.
  private struct Row: Encodable {
    let photo: String
    let photoTotal: Double
    let content: Double
    let style: Double
    let total: Double
    let optimizedContent: Double
    let optimizedStyle: Double
    let optimizedTotal: Double
    let ratio: Double

    static let header = [
      "photo", "photo's total", "content", "style", "total", "optimized content",
      "optimized style", "optimized total", "ratio",
    ]

    init(_ path: String, _ losses: NetworkEvaluation.PhotoLosses) {
      photo = path
      photoTotal = losses.photo.total
      (content, style, total) = (
        losses.network.content, losses.network.style, losses.network.total
      )
      (optimizedContent, optimizedStyle, optimizedTotal) = (
        losses.optimized.content, losses.optimized.style, losses.optimized.total
      )
      ratio = losses.network.total / losses.optimized.total
    }

    var cells: [String] {
      let values = [
        photoTotal, content, style, total, optimizedContent, optimizedStyle, optimizedTotal, ratio,
      ]
      return [photo] + values.map { String(format: "%.4g", $0) }
    }
  }
}
