import Files
import Foundation
import Impasto
import Pictures

/// Where a film goes: a file, or a folder of numbered frames.
public struct FilmOutput: Sendable {
  /// The path as it was given.
  public let path: String
  /// Nil for a folder.
  let container: FilmContainer?
  /// Whether each frame is a part by itself, without losses, and the film is encoded at the end.
  let keepsFramesApart: Bool

  /// - Parameter path: a file with the extension of a film, or a folder, which exists or ends with `/`.
  /// - Throws: `FilmError.unwritable` for another extension.
  init(_ path: String, keepsFramesApart: Bool = false) throws {
    self.path = path
    self.keepsFramesApart = keepsFramesApart
    container =
      path.hasSuffix("/") || InputFile.isFolder(path) ? nil : try FilmContainer(path: path)
  }

  /// Whether a path is that of a film, or of a folder for one.
  public static func isFilm(_ path: String) -> Bool { (try? FilmOutput(path)) != nil }

  /// Whether an output makes its input a film: a folder of frames, or a picture with several of them.
  public static func isFilm(_ path: String, of input: String) -> Bool {
    guard isFilm(path), !InputFile.isFolder(path) else { return false }
    let isFilmOnly = (try? PictureFormat(path: path)) == nil
    // The messages about a damaged film speak of a film.
    guard !InputFile.isFolder(input), (try? PictureFile(input)) != nil else { return isFilmOnly }
    return FilmFile.isAnimation(input)
  }

  /// The encoding of films; nil for frames.
  ///
  /// - Throws: `SettingError` if frames have settings of an encoder, and `FilmError`.
  func encoding(_ settings: FilmSettings) throws -> FilmEncoding? {
    guard container == nil else {
      return try FilmEncoding(
        path: path, codec: settings.codec, quality: settings.quality,
        pixelFormat: settings.pixelFormat)
    }
    let given: [(String, Any?)] = [
      ("codec", settings.codec), ("crf", settings.quality), ("pixel-format", settings.pixelFormat),
    ]
    if let (key, _) = given.first(where: { $0.1 != nil }) {
      throw SettingError(key, problem: "is for films; \(path) will have frames.")
    }
    return nil
  }

  /// The extension of parts.
  var partExtension: String {
    guard let container else { return PictureFormat.png.rawValue }
    return keepsFramesApart ? FilmContainer.mkv.rawValue : container.partExtension
  }

  /// The encoding of parts.
  func partEncoding(_ encoding: FilmEncoding?) throws -> FilmEncoding? {
    guard keepsFramesApart, container != nil else { return encoding }
    return try FilmEncoding(path: "part.\(partExtension)", codec: "ffv1")
  }

  /// - Throws: `FileError.unwritable`.
  func checkWritable() throws {
    if container != nil {
      try AtomicFile.checkWritable(path)
    } else if !InputFile.isFolder(path) {
      try NewFolder.check(path)
    }
  }

  /// Checks that a folder for frames has none, and makes it if it is missing.
  ///
  /// - Throws: `FilmError.unwritable` and `FileError`.
  func prepare(resumes: Bool) throws {
    guard container == nil else { return }
    guard InputFile.isFolder(path) else {
      _ = try NewFolder(path)
      return
    }
    guard !resumes, InputFile.exists(framePath(1)) else { return }
    throw FilmError.unwritable(
      path: path, reason: "it has frames already; choose another folder")
  }

  /// Writes a frame.
  ///
  /// - Parameter number: from 1.
  /// - Throws: `PictureError` and `FileError`.
  func writeFrame(_ picture: PackedPicture, number: Int) throws {
    try picture.write(to: framePath(number), PictureEncoding(format: .png))
  }

  private func framePath(_ number: Int) -> String {
    "\(FilePath.withoutTrailingSlashes(path))/\(String(format: "%06d", number)).png"
  }
}
