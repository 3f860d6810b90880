import Engine
import Foundation
import ModelFiles
import Pictures

/// The colors of the paintings that a network was trained for: small copies of them in the metadata of
/// the network's file.
enum TrainedPainting {
  private static let key = "impasto.painting"

  /// The key of a style's painting in the metadata.
  ///
  /// - Parameter style: the style's name; nil for the only style of a network.
  static func key(_ style: String?) -> String { style.map { "\(key).\($0)" } ?? key }

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

  /// The metadata with the paintings of a network to which styles are added.
  ///
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func metadata(networkPath path: String) throws -> [String: String] {
    try ModelFile(path: path).metadata.filter { $0.key.hasPrefix("\(key).") }
  }

  /// The painting of a network's style; nil if its file has none, or a damaged one.
  ///
  /// - Parameter style: the style's name; nil for the only style of a network.
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func picture(of style: String?, networkPath path: String) throws -> Picture? {
    guard let text = try ModelFile(path: path).metadata[key(style)],
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
