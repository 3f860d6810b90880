#if Studio
import Engine
import Files
import Foundation
import Impasto
import Pictures

/// Decodes uploaded pictures, one at a time, and keeps them as PNG files without their metadata.
///
/// What clients see later is never the file that was uploaded.
actor PictureIntake {
  private let library: Library

  /// The most bytes of an upload.
  static let mostBytes = 128 << 20
  /// The longer side of a thumbnail.
  private static let thumbnailSide = 320
  /// The longest side of a picture that is kept; a larger one is reduced.
  private static let mostSide = 20_000
  private static let longestName = 120

  init(_ library: Library) { self.library = library }

  /// Decodes an uploaded file.
  ///
  /// - Parameters:
  ///   - file: the path of the upload, which is removed.
  ///   - name: what the user calls the file.
  /// - Throws: `PictureError` if it is not a picture, or too large for memory, and `FileError`.
  func add(_ file: String, kind: StudioPicture.Kind, name: String) throws -> StudioPicture {
    defer { unlink(file) }
    let source: PictureFile
    do { source = try PictureFile(file) } catch PictureError.unreadable(_, let reason) {
      throw PictureError.unreadable(path: Self.cleaned(name), reason: reason)
    }
    let id = Identifier()
    let size = source.size.fitted(within: Self.mostSide)
    do {
      let picture = try source.packed(size)
      try picture.write(
        to: StudioFolder.picture(id),
        PictureEncoding(format: .png, bitDepth: min(picture.depth.rawValue, 16)))
      let small = try PictureFile(StudioFolder.picture(id)).decoded(
        size.fitted(within: Self.thumbnailSide))
      try small.write(to: StudioFolder.thumbnail(id), PictureEncoding(format: .jpg))
      let result = StudioPicture(
        id: id, kind: kind, name: Self.cleaned(name), width: size.width, height: size.height,
        created: Library.now)
      try library.add(result)
      return result
    } catch {
      unlink(StudioFolder.picture(id))
      unlink(StudioFolder.thumbnail(id))
      throw error
    }
  }

  /// A name without control characters and folders, which only people read.
  private static func cleaned(_ name: String) -> String {
    let last = name.split { $0 == "/" || $0 == "\\" }.last.map(String.init) ?? ""
    let visible = last.unicodeScalars.filter { !$0.properties.generalCategory.isControl }
    let text = String(String.UnicodeScalarView(visible)).prefix(longestName)
    return text.isEmpty ? "picture" : String(text)
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isControl: Bool { [.control, .format, .surrogate, .privateUse].contains(self) }
}
#endif
