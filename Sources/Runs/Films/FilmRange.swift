import Impasto
import Pictures

/// The part of a film that is repainted, in seconds from its start.
struct FilmRange {
  let start: Double
  /// Nil for the end of the film.
  let end: Double?
  /// The same for all shards together, whose sound is taken.
  let sound: (start: Double, duration: Double?)

  /// - Throws: `SettingError` if the film ends before.
  init(_ film: FilmFile, _ settings: FilmSettings, _ shard: Shard) throws {
    let first = settings.start ?? 0
    if let duration = film.duration, first >= duration {
      throw SettingError(
        "start", value: "\(first)", problem: "the film ends after \(duration) seconds.")
    }
    sound = (first, settings.duration)
    guard shard.count > 1 else {
      (start, end) = (first, settings.duration.map { first + $0 })
      return
    }
    guard let length = settings.duration ?? film.duration.map({ $0 - first }) else {
      throw SettingError(
        "shard", value: "\(shard)", problem: "the film does not tell its length; give --duration.")
    }
    let part = shard.range(of: min(length, (film.duration ?? .infinity) - first))
    start = first + part.start
    // A film may be longer than it tells.
    end = shard.index == shard.count ? settings.duration.map { first + $0 } : first + part.end
  }

  /// The estimated number of frames; nil if it is unknown.
  func frames(_ film: FilmFile, _ rate: Ratio?) -> Int? {
    let rate = rate?.value ?? film.frameRate.value
    guard let end = end ?? film.duration else { return start == 0 ? film.frameCount : nil }
    return max(1, Int(((min(end, film.duration ?? end) - start) * rate).rounded()))
  }
}
