import Engine
import Foundation
import ModelFiles
import Pictures

/// The colors of the painting that a network was trained for: a small copy of it in the metadata of the
/// network's file.
enum TrainedPainting {
  /// The key in the metadata.
  static let key = "impasto.painting"

  private struct Description: Codable {
    let width: Int
    let height: Int
    /// Red, green and blue of each pixel, 0...255.
    let colors: Data
  }

  /// The longer side of the copy in pixels.
  private static let side = 48

  /// The text for the metadata.
  ///
  /// - Throws: `PictureError`.
  static func text(of painting: Picture) throws -> String {
    let small = try painting.overWhite.resized(to: painting.size.fitted(within: side))
    let colors = Data(small.pixels.elements.map { UInt8($0 * 255 + 0.5) })
    let description = Description(width: small.width, height: small.height, colors: colors)
    return String(decoding: try JSONEncoder().encode(description), as: UTF8.self)
  }

  /// The painting of a network; nil if its file has none, or a damaged one.
  ///
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func picture(networkPath path: String) throws -> Picture? {
    guard let text = try ModelFile(path: path).metadata[key],
      let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)),
      (1...side).contains(description.width), (1...side).contains(description.height),
      description.colors.count == 3 * description.width * description.height
    else { return nil }
    return Picture(
      pixels: Tensor(
        shape: [description.height, description.width, 3],
        elements: description.colors.map { Float($0) / 255 }))
  }
}
