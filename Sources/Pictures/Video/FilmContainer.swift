import Foundation

/// A container of written films.
public enum FilmContainer: String, Sendable, CaseIterable {
  case mp4, mov, mkv, webm, gif, webp

  /// Makes the container of a path's extension.
  ///
  /// - Throws: `FilmError.unwritable`.
  public init(path: String) throws {
    let name = URL(fileURLWithPath: path).pathExtension.lowercased()
    guard let container = FilmContainer(rawValue: name == "m4v" ? "mp4" : name) else {
      throw FilmError.unwritable(
        path: path,
        reason: "films must be "
          + Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
          + ", or a folder of frames that ends with /")
    }
    self = container
  }

  /// Whether the container is an animated picture, which has no sound and repeats forever.
  var isAnimation: Bool { self == .gif || self == .webp }

  /// The encoder of its films. Animated pictures are made at the end, from parts without losses.
  var codec: String {
    switch self {
    case .mp4, .mov, .mkv: "libx264"
    case .webm: "libvpx-vp9"
    case .gif, .webp: "ffv1"
    }
  }

  /// The extension of the parts that a film is made of.
  package var partExtension: String { isAnimation ? "mkv" : rawValue }
}
