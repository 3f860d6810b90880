import Foundation
import Impasto
import Mustache
import Pictures

/// A run on one page that needs no other file.
struct Report {
  private let content: [String: Any]

  private static let frameCount = 10
  private static let frameSide = 320

  /// - Parameter photo: what the result is compared with; nil for a texture.
  /// - Throws: `PictureError`.
  init(
    recipe: Recipe, provenance: Provenance, log: LossLog, photo: Picture?, result: Picture,
    frames: FrameSequence, title: String, status: String
  ) throws {
    let weights = [
      "content": recipe.contentWeight!, "style": recipe.styleWeight!, "tv": recipe.tvWeight!,
    ]
    let chart = LossChart(log, weights: weights)
    let last = log.rows.last!
    var content: [String: Any] = [
      "title": title, "css": PageParts.css,
      "summary": String(
        format: "%@, %@, %d iterations, %.1f seconds, loss %.4g", "\(result.size)", status,
        last.iteration, last.seconds, last.losses["total"] ?? 0),
      "after": try PageParts.dataURI(result),
      "width": result.width, "height": result.height,
      "chart": chart.svg,
      "curves": chart.curves.map { ["name": $0.name, "color": $0.color] },
      "hasMarks": !chart.marks.isEmpty,
      "layers": log.columns.dropFirst(LossLog.terms.count).map {
        ["name": $0, "value": String(format: "%.6g", last.losses[$0] ?? 0)]
      },
      // Lists break where they have spaces.
      "settings": recipe.values.map {
        ["name": $0.key, "value": $0.value.description.replacingOccurrences(of: ",", with: ", ")]
      },
      "madeWith": provenance.madeWith.map { ["name": $0.key, "value": $0.value] },
      "digests": provenance.digests.map { ["name": $0.key, "value": $0.value] },
      "frames": try frames.selection(Self.frameCount).map { file in
        let picture = try file.decoded(file.size.fitted(within: Self.frameSide))
        return [
          "label": "after \(FrameSequence.number(of: file))", "uri": try PageParts.dataURI(picture),
        ]
      },
    ]
    // A key without a value would count as one.
    if let photo { content["before"] = try PageParts.dataURI(photo) }
    self.content = content
  }

  /// The page.
  func html() throws -> String {
    let source = String(decoding: PackageResources.report_mustache, as: UTF8.self)
    return try MustacheTemplate(string: source).render(content)
  }
}

/// What all pages share.
enum PageParts {
  /// The style sheet.
  static var css: String { String(decoding: PackageResources.page_css, as: UTF8.self) }

  private static let pictureQuality = 90

  /// A picture within a page.
  ///
  /// - Throws: `PictureError`.
  static func dataURI(_ picture: Picture) throws -> String {
    let data = try picture.encoded(
      PictureEncoding(format: .jpg, quality: pictureQuality), path: "report")
    return "data:image/jpeg;base64,\(data.base64EncodedString())"
  }
}
