import Engine
import Foundation
import ModelFiles
import Pictures
import Training

/// What the metadata of a network's file say about its trained styles: small copies of the paintings,
/// whose colors photos can take, and the settings of the trainings.
enum TrainedStyleMetadata {
  private static let painting = "impasto.painting"
  private static let training = "impasto.training"

  /// The key of a style's entry: the base alone for the only style of a network.
  private static func key(_ base: String, _ style: String?) -> String {
    style.map { "\(base).\($0)" } ?? base
  }

  private struct Copy: Codable {
    let width: Int
    let height: Int
    /// Red, green and blue of each pixel, 0...255.
    let colors: Data
  }

  /// The longer side of the copy in pixels.
  private static let side = 48

  /// The entries of a style.
  ///
  /// - Parameter style: the style's name; nil for the only style of a network.
  /// - Throws: `PictureError`.
  static func entries(
    _ style: String?, painting picture: Picture, options: TrainingOptions
  ) throws -> [String: String] {
    let small = try picture.overWhite.resized(to: picture.size.fitted(within: side))
    let copy = Copy(
      width: small.width, height: small.height,
      colors: Data(small.pixels.elements.map { UInt8($0 * 255 + 0.5) }))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [
      key(painting, style): String(decoding: try encoder.encode(copy), as: UTF8.self),
      key(training, style): String(decoding: try encoder.encode(options), as: UTF8.self),
    ]
  }

  /// The entries of all styles of a network to which styles are added.
  ///
  /// - Parameter onlyStyle: the new name of the style of a network of a single one.
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func entries(
    networkPath path: String, onlyStyle: String?
  ) throws -> [String: String] {
    let metadata = try ModelFile(path: path).metadata
    var entries = metadata.filter { entry in
      [painting, training].contains { entry.key.hasPrefix("\($0).") }
    }
    for base in [painting, training] where onlyStyle != nil {
      entries[key(base, onlyStyle)] = metadata[base]
    }
    return entries
  }

  /// The painting of a style; nil if the file has none, or a damaged one.
  ///
  /// - Parameter style: the style's name; nil for the only style of a network.
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func painting(of style: String?, networkPath path: String) throws -> Picture? {
    guard let text = try ModelFile(path: path).metadata[key(painting, style)],
      let copy = try? JSONDecoder().decode(Copy.self, from: Data(text.utf8)),
      (1...side).contains(copy.width), (1...side).contains(copy.height),
      copy.colors.count == 3 * copy.width * copy.height
    else { return nil }
    return Picture(
      pixels: Tensor(
        shape: [copy.height, copy.width, 3], elements: copy.colors.map { Float($0) / 255 }))
  }

  /// The settings of the training of a style; nil if the file has none, or damaged ones.
  ///
  /// - Parameter style: the style's name; nil for the only style of a network.
  /// - Throws: `ModelFileError` and `FileError` if the file cannot be read.
  static func options(of style: String?, networkPath path: String) throws -> TrainingOptions? {
    guard let text = try ModelFile(path: path).metadata[key(training, style)],
      let options = try? JSONDecoder().decode(TrainingOptions.self, from: Data(text.utf8)),
      (try? options.check()) != nil
    else { return nil }
    return options
  }
}
