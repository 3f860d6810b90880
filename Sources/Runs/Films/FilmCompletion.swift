import Files
import Pictures

/// Makes the film of its parts.
struct FilmCompletion {
  private let output: FilmOutput
  private let film: FilmFile
  private let range: FilmRange
  private let encoding: FilmEncoding?
  private let comment: String

  /// - Parameters:
  ///   - encoding: the encoding of the film, for parts without losses; nil to keep that of the parts.
  ///   - comment: a text that the film carries.
  init(
    _ output: FilmOutput, film: FilmFile, range: FilmRange, encoding: FilmEncoding? = nil,
    comment: String
  ) {
    (self.output, self.film, self.range) = (output, film, range)
    (self.encoding, self.comment) = (encoding, comment)
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
        range: range.sound, encoding: encoding, output: output.path, comment: comment)
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
