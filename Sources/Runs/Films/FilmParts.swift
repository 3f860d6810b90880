import Files
import Foundation
import Impasto
import Pictures

/// The finished parts of a film, in a folder beside the output: `out.mp4.parts`.
///
/// Each shard has a folder of its own. A part is complete when its description is there, which is
/// written last, so a crash costs the part that was being written.
struct FilmParts {
  /// A complete part.
  struct Part: Codable, Sendable {
    /// From 1.
    let number: Int
    let frames: Int
    /// The time stamps of its first frame, of its last one, and of the end of the last one, which is
    /// estimated.
    let first: Int
    let last: Int
    let end: Int
    /// The unit of time stamps in seconds.
    let timeBase: Ratio
  }

  /// What parts must have in common to be joined.
  struct Identity: Codable, Equatable {
    let recipe: String
    let settings: FilmSettings
    let size: String
    let digests: [String]
    let shards: Int
  }

  /// The folder of this shard.
  let folder: String
  private(set) var parts: [Part]
  private let container: String
  private let lock: FolderLock

  /// The frames of all parts.
  var frameCount: Int { parts.reduce(0) { $0 + $1.frames } }

  /// The folder of an output's parts.
  static func path(of output: String) -> String {
    FilePath.withoutTrailingSlashes(output) + ".parts"
  }

  /// Opens the folder of a shard, or makes it.
  ///
  /// - Parameters:
  ///   - resumes: whether to continue after the parts that are there.
  ///   - container: the extension of parts.
  /// - Throws: `FilmPartsError` and `FileError`.
  init(
    output: String, shard: Shard, identity: Identity, container: String, resumes: Bool
  ) throws {
    let path = Self.path(of: output)
    folder = "\(path)/\(shard.folderName)"
    self.container = container
    let exists = InputFile.isFolder(folder)
    if exists, !resumes { throw FilmPartsError.exists(folder: folder) }
    if !exists, resumes { throw FilmPartsError.nothing(output: output, folder: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    lock = try FolderLock(folder)
    let description = "\(folder)/\(Self.description)"
    if exists {
      guard
        let found = (try? Data(contentsOf: URL(fileURLWithPath: description))).flatMap({
          try? JSONDecoder().decode(Identity.self, from: $0)
        }), found == identity
      else { throw FilmPartsError.different(folder: folder) }
    } else {
      try AtomicFile.write(Self.encoded(identity), to: description)
    }
    parts = try Self.parts(in: folder)
  }

  /// The parts of a folder in order.
  ///
  /// - Throws: `FilmPartsError.damaged`.
  static func parts(in folder: String) throws -> [Part] {
    var parts: [Part] = []
    while let data = FileManager.default.contents(
      atPath: "\(folder)/\(Self.name(parts.count + 1)).json")
    {
      guard let part = try? JSONDecoder().decode(Part.self, from: data),
        part.number == parts.count + 1, part.frames > 0, part.first <= part.last,
        part.last < part.end
      else { throw FilmPartsError.damaged(folder: folder) }
      parts.append(part)
    }
    return parts
  }

  /// The number of shards whose parts are beside an output.
  ///
  /// - Throws: `FilmPartsError.noShards` if there are none, or some of different numbers.
  static func shardCount(_ output: String) throws -> Int {
    let path = path(of: output)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let counts = Set(
      names.compactMap { name -> Int? in
        let parts = name.components(separatedBy: "-of-")
        return parts.count == 2 && Int(parts[0]) != nil ? Int(parts[1]) : nil
      })
    guard counts.count == 1, let count = counts.first, Shard(index: 1, count: count) != nil else {
      throw FilmPartsError.noShards(folder: path)
    }
    return count
  }

  /// The parts of all shards of an output.
  ///
  /// - Parameter identity: what they have in common, for their number.
  /// - Throws: `FilmPartsError` if a shard is missing or not complete.
  static func finished(
    output: FilmOutput, identity: (Int) throws -> Identity
  ) throws -> [FilmParts] {
    let count = try shardCount(output.path)
    let identity = try identity(count)
    return try (1...count).map { index in
      let shard = Shard(index: index, count: count)!
      let parts: FilmParts
      do {
        parts = try FilmParts(
          output: output.path, shard: shard, identity: identity, container: output.partExtension,
          resumes: true)
      } catch FilmPartsError.nothing(_, let folder) {
        throw FilmPartsError.missing(folder: folder, shard: shard)
      }
      guard parts.isFinished else {
        throw FilmPartsError.missing(folder: parts.folder, shard: shard)
      }
      return parts
    }
  }

  /// A temporary file for the picture that is being repainted.
  var framePath: String { "\(folder)/frame.png" }

  /// The path of a part's pictures.
  func path(_ number: Int) -> String { "\(folder)/\(Self.name(number)).\(container)" }

  /// The last result of a part, which smoothing continues from.
  func statePath(_ number: Int) -> String { "\(folder)/\(Self.name(number)).png" }

  /// Records a part whose pictures are complete.
  ///
  /// - Throws: `FileError.unwritable`.
  mutating func complete(_ part: Part) throws {
    try AtomicFile.write(
      Self.encoded(part), to: "\(folder)/\(Self.name(part.number)).json")
    parts.append(part)
    if part.number > 1 { unlink(statePath(part.number - 1)) }
  }

  /// Whether the shard was repainted to its end.
  var isFinished: Bool { InputFile.exists("\(folder)/\(Self.finished)") }

  /// Records that the shard was repainted to its end.
  ///
  /// - Throws: `FileError.unwritable`.
  func finish() throws { try AtomicFile.write(Data(), to: "\(folder)/\(Self.finished)") }

  private static let description = "film.json"
  private static let finished = "finished"

  /// Removes the folder's files that belong to parts, and the folders if nothing else is in them.
  func remove() {
    // The part that was being written has no description.
    for number in 1...parts.count + 1 {
      for end in ["json", "png", container] { unlink("\(folder)/\(Self.name(number)).\(end)") }
    }
    unlink(framePath)
    for file in [Self.description, Self.finished, FolderLock.name] { unlink("\(folder)/\(file)") }
    rmdir(folder)
    rmdir(FilePath.folder(of: folder))
  }

  private static func name(_ number: Int) -> String { String(format: "%06d", number) }

  private static func encoded(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    return try encoder.encode(value)
  }
}
