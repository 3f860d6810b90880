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

  /// - Parameter path: a file with the extension of a film, or a folder, which exists or ends with `/`.
  /// - Throws: `FilmError.unwritable` for another extension.
  init(_ path: String) throws {
    self.path = path
    container =
      path.hasSuffix("/") || InputFile.isFolder(path) ? nil : try FilmContainer(path: path)
  }

  /// Whether a path is that of a film, or of a folder for one.
  public static func isFilm(_ path: String) -> Bool { (try? FilmOutput(path)) != nil }

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
  var partExtension: String { container?.partExtension ?? PictureFormat.png.rawValue }

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

/// Makes the film of its parts.
struct FilmCompletion {
  private let output: FilmOutput
  private let film: FilmFile
  private let range: FilmRange
  private let comment: String

  /// - Parameter comment: a text that the film carries.
  init(_ output: FilmOutput, film: FilmFile, range: FilmRange, comment: String) {
    (self.output, self.film, self.range, self.comment) = (output, film, range, comment)
  }

  /// Joins the parts of all shards, and removes them.
  ///
  /// - Parameter keepsParts: whether the parts stay, to continue from.
  /// - Returns: what could not be kept: sentences that name the film.
  /// - Throws: `FilmError` and `FileError`.
  func join(_ shards: [FilmParts], keepsParts: Bool) throws -> [String] {
    var notes: [String] = []
    if output.container != nil {
      let all = shards.flatMap { shard in
        shard.parts.map { (part: $0, path: shard.path($0.number)) }
      }
      let joined = all.enumerated().map { index, element in
        let next = index + 1 < all.count ? all[index + 1].part.first : element.part.end
        return FilmJoining.Part(
          path: element.path,
          duration: Double(next - element.part.first) * element.part.timeBase.value)
      }
      let first = all[0].part
      let joining = FilmJoining(
        joined, of: film, start: Double(first.first) * first.timeBase.value - film.startTime,
        range: range.sound, output: output.path, comment: comment)
      let (path, lost) = try joining.write(in: FilmParts.path(of: output.path))
      try AtomicFile.move(path, to: output.path)
      notes = lost.map { "\(output.path): \($0)." }
    }
    if !keepsParts {
      for shard in shards { shard.remove() }
    }
    return notes
  }
}
