#if Studio
import Engine
import Files
import Foundation
import Impasto
import Pictures

/// Decodes uploads, one at a time. Pictures are kept as PNG files without their metadata.
///
/// What clients see later is never the file that was uploaded.
actor PictureIntake {
  private let library: Library

  /// The most bytes of an uploaded picture, and of a film.
  static func mostBytes(_ kind: StudioPicture.Kind) -> Int { kind == .film ? 2 << 30 : 128 << 20 }
  /// The longer side of a thumbnail.
  private static let thumbnailSide = 320
  /// The longest side of a picture that is kept; a larger one is reduced.
  private static let mostSide = 20_000
  private static let longestName = 120

  init(_ library: Library) { self.library = library }

  /// Decodes an uploaded file, and adds it to the library.
  ///
  /// - Parameters:
  ///   - file: the path of the upload, which is moved or removed.
  ///   - name: what the user calls the file.
  /// - Throws: `PictureError` and `FilmError` if it cannot be decoded, or is too large for memory, and
  ///   `FileError`.
  func add(_ file: String, kind: StudioPicture.Kind, name: String) throws -> StudioPicture {
    defer { unlink(file) }
    let (id, name) = (Identifier(), Self.cleaned(name))
    do {
      let kept = try kind == .film ? keepFilm(file, id) : keepPicture(file, id)
      let small = try PictureFile(StudioFolder.picture(id)).decoded(
        kept.size.fitted(within: Self.thumbnailSide))
      try small.write(to: StudioFolder.thumbnail(id), PictureEncoding(format: .jpg))
      let result = StudioPicture(
        id: id, kind: kind, name: name, width: kept.size.width, height: kept.size.height,
        created: Library.now, seconds: kept.seconds)
      try library.add(result)
      return result
    } catch {
      StudioFolder.removePicture(id)
      throw Self.named(error, file, name)
    }
  }

  /// The size of what is kept, and the length of a film.
  private typealias Kept = (size: PixelSize, seconds: Double?)

  private func keepPicture(_ file: String, _ id: Identifier) throws -> Kept {
    let source = try PictureFile(file)
    let size = source.size.fitted(within: Self.mostSide)
    let picture = try source.packed(size)
    try picture.write(
      to: StudioFolder.picture(id),
      PictureEncoding(format: .png, bitDepth: min(picture.depth.rawValue, 16)))
    return (size, nil)
  }

  /// Keeps a film as it is, and one of its frames as its picture.
  private func keepFilm(_ file: String, _ id: Identifier) throws -> Kept {
    let film = try FilmFile(file, isUntrusted: true)
    try film.frame(at: 1.0 / 3).write(to: StudioFolder.picture(id), PictureEncoding(format: .png))
    try AtomicFile.move(file, to: StudioFolder.film(id))
    return (film.size, film.duration)
  }

  /// An error with the user's name of the file.
  private static func named(_ error: any Error, _ path: String, _ name: String) -> any Error {
    switch error {
    case PictureError.unreadable(path, let reason):
      PictureError.unreadable(path: name, reason: reason)
    case FilmError.unreadable(path, let reason): FilmError.unreadable(path: name, reason: reason)
    case FilmError.missing(let program, path): FilmError.missing(program: program, path: name)
    default: error
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

extension FilmFile {
  /// A frame of the film.
  ///
  /// - Parameter part: where in the film, 0...1; the first frame of one that does not tell its length.
  /// - Throws: `FilmError`.
  func frame(at part: Double) throws -> PackedPicture {
    let reader = try FilmReader(self, size: size, start: part * (duration ?? 0))
    guard let frame = try reader.next() else {
      throw FilmError.unreadable(path: path, reason: "it has no pictures")
    }
    return frame.picture
  }
}

extension Unicode.GeneralCategory {
  fileprivate var isControl: Bool { [.control, .format, .surrogate, .privateUse].contains(self) }
}
#endif
