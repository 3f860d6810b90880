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
  ///   - previews: the sheets of previews by their steps, in order.
  /// - Throws: `PictureError`.
  init(
    title: String, options: TrainingOptions, rows: [LossTable.Row], previews: [TrainingPreview]
  ) throws {
    let window = (rows.count + Self.mostPoints - 1) / Self.mostPoints
    let chart = LossChart(
      Self.means(rows, over: window),
      weights: [
        "content": options.contentWeight, "style": options.styleWeight, "tv": options.tvWeight,
      ])
    let last = rows.last!
    let end = Self.means(rows.suffix(max(1, min(50, rows.count / 4))), over: rows.count)[0].losses
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
    let shown = previews.dropLast().evenly(Self.previewCount)
    content["hasPreviews"] = !shown.isEmpty
    content["previews"] = try shown.map { preview in
      let picture = try preview.file.decoded(preview.file.size.fitted(within: Self.previewSide))
      return ["label": "after \(preview.step)", "uri": try PageParts.dataURI(picture)]
    }
    if let latest = previews.last {
      content["latest"] = try PageParts.dataURI(latest.file.decoded(latest.file.size))
    }
    self.content = content
  }

  /// The means of so many rows each.
  private static func means(
    _ rows: some RandomAccessCollection<LossTable.Row>, over window: Int
  ) -> [(number: Double, losses: [String: Double])] {
    let rows = Array(rows)
    return stride(from: 0, to: rows.count, by: window).map { first in
      let part = rows[first..<min(rows.count, first + window)]
      var sums: [String: Double] = [:]
      for row in part { sums.merge(row.values) { $0 + $1 } }
      return (Double(part.last!.number), sums.mapValues { $0 / Double(part.count) })
    }
  }

  /// The page.
  func html() throws -> String {
    let source = String(decoding: PackageResources.training_mustache, as: UTF8.self)
    return try MustacheTemplate(string: source).render(content)
  }
}

/// A sheet of photos and their results after a step.
struct TrainingPreview {
  let step: Int
  let file: PictureFile

  /// The previews in a folder, in the order of their steps.
  static func all(in folder: String) -> [TrainingPreview] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.compactMap { name in
      guard name.hasSuffix(".jpg"), let step = Int(name.dropLast(4)) else { return nil }
      return (try? PictureFile("\(folder)/\(name)")).map { TrainingPreview(step: step, file: $0) }
    }.sorted { $0.step < $1.step }
  }
}

extension Collection {
  /// At most so many elements, at even distances, the first and the last among them.
  func evenly(_ most: Int) -> [Element] {
    let all = Array(self)
    guard all.count > most, most > 1 else { return all }
    return (0..<most).map { all[$0 * (all.count - 1) / (most - 1)] }
  }
}
