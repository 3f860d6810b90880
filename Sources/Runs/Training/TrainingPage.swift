import Foundation
import Impasto
import Mustache
import Pictures
import Training

/// A training on one page that needs no other file.
struct TrainingPage {
  private let content: [String: Any]

  /// The most points of a curve.
  private static let mostPoints = 300
  private static let previewCount = 8
  private static let previewSide = 640

  /// - Parameters:
  ///   - rows: the losses of the steps so far, at least one.
  ///   - previews: the sheets of previews; nil for none.
  /// - Throws: `PictureError`.
  init(
    title: String, options: TrainingOptions, rows: [LossTable.Row], previews: FrameSequence?
  ) throws {
    let window = (rows.count + Self.mostPoints - 1) / Self.mostPoints
    let chart = LossChart(
      LossTable.means(rows, over: window).map { (Double($0.number), $0.values) },
      weights: [
        "content": options.contentWeight, "style": options.styleWeight, "tv": options.tvWeight,
      ])
    let last = rows.last!
    let end = LossTable.means(rows.suffix(max(1, min(50, rows.count / 4))), over: rows.count)[0]
      .values
    var content: [String: Any] = [
      "title": title, "css": PageParts.css, "window": window,
      "summary": String(
        format: "step %d of %d, %.1f minutes, loss %.4g", last.number, options.steps,
        last.seconds / 60, end["total"] ?? 0),
      "chart": chart.svg,
      "curves": chart.curves.map { ["name": $0.name, "color": $0.color] },
      "layers": end.filter { $0.key.contains(" ") }.sorted { $0.key < $1.key }.map {
        ["name": $0.key, "value": String(format: "%.4g", $0.value)]
      },
      "settings": options.described.map {
        ["name": $0.key, "value": $0.value.replacingOccurrences(of: ",", with: ", ")]
      },
    ]
    content["hasPreviews"] = previews != nil
    if let previews {
      content["previews"] = try previews.selection(Self.previewCount).map { file in
        let picture = try file.decoded(file.size.fitted(within: Self.previewSide))
        return [
          "label": "after \(FrameSequence.number(of: file))", "uri": try PageParts.dataURI(picture),
        ]
      }
      let latest = previews.files.last!
      content["latest"] = try PageParts.dataURI(latest.decoded(latest.size))
    }
    self.content = content
  }

  /// The page.
  func html() throws -> String {
    let source = String(decoding: PackageResources.training_mustache, as: UTF8.self)
    return try MustacheTemplate(string: source).render(content)
  }
}
