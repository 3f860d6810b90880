#if Studio
import Foundation
import Impasto
import Pictures
import Runs

/// What a client asks the studio to paint.
struct JobRequest: Sendable, Codable, Hashable {
  /// How the picture is painted.
  enum Method: String, Sendable, Codable, CaseIterable {
    /// By a network that was trained for styles, in seconds.
    case onePass = "one-pass"
    /// By optimizing the pixels, in minutes.
    case optimization
  }

  var method: Method
  /// The uploaded photo; nil for a texture.
  var photo: Identifier?
  /// Names of shipped styles, or identifiers of uploaded paintings.
  var styles: [String]
  /// Settings of a recipe by their keys.
  var settings: [String: SettingValue] = [:]
  /// For each style an uploaded mask of the photo's part that takes it.
  var masks: [Identifier]?
  /// An uploaded mask of the part that stays as it is.
  var protect: Identifier?
  /// The part of a film to repaint, and how; nil for all of it.
  var film: FilmPart?
  /// Whether one frame of the film is repainted, as a photo.
  var still = false
  /// A name that jobs which belong together have in common, such as those of a sweep.
  var series: Identifier?

  /// Settings of a film beside those of its frames.
  struct FilmPart: Sendable, Codable, Hashable {
    /// Where it starts, in seconds.
    var start: Double?
    /// Its length in seconds.
    var duration: Double?
    /// The part of the result before in each result, 0...1.
    var smooth: Double?

    var settings: FilmSettings {
      var settings = FilmSettings()
      (settings.start, settings.duration, settings.smooth) = (start, duration, smooth)
      return settings
    }
  }

  private enum CodingKeys: String, CodingKey {
    case method, photo, styles, settings, masks, protect, film, still, series
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    method = try container.decode(Method.self, forKey: .method)
    photo = try container.decodeIfPresent(Identifier.self, forKey: .photo)
    styles = try container.decode([String].self, forKey: .styles)
    settings =
      try container.decodeIfPresent([String: SettingValue].self, forKey: .settings) ?? [:]
    masks = try container.decodeIfPresent([Identifier].self, forKey: .masks)
    protect = try container.decodeIfPresent(Identifier.self, forKey: .protect)
    film = try container.decodeIfPresent(FilmPart.self, forKey: .film)
    still = try container.decodeIfPresent(Bool.self, forKey: .still) ?? false
    series = try container.decodeIfPresent(Identifier.self, forKey: .series)
  }

  /// The settings that a client may give. Those that name files are parts of a request instead.
  static let keys = [
    "size", "quality", "iterations", "style-blend", "style-scale", "style-size", "strength",
    "color", "color-before", "content-weight", "style-weight", "tv-weight", "style-loss",
    "normalization", "style-layers", "content-layers", "optimizer", "learning-rate", "scales",
    "margin", "init", "noise-ratio", "seed", "pooling", "padding", "precision",
  ]

  /// The uploaded pictures that the job needs.
  var pictures: [Identifier] {
    [photo, protect].compactMap(\.self) + styles.compactMap { Identifier($0) } + (masks ?? [])
  }

  /// The starts of an optimization that are not files.
  private static let starts = ["recolored", "content", "noise", "blend", "style"]

  /// The most styles of a job.
  private static let mostStyles = 16

  /// Whether the result is a film.
  ///
  /// - Parameter kind: what an uploaded picture is for; nil if there is none.
  func isFilm(kind: (Identifier) throws -> StudioPicture.Kind?) rethrows -> Bool {
    try !still && photo.map { try kind($0) == .film } ?? false
  }

  /// The recipe of the request, with the paths of its pictures. That of a film names no photo.
  ///
  /// - Parameter kind: what an uploaded picture is for; nil if there is none.
  /// - Throws: `SettingError`.
  func recipe(kind: (Identifier) throws -> StudioPicture.Kind?) throws -> Recipe {
    func path(_ id: Identifier, _ key: String) throws -> String {
      guard try kind(id) != nil else {
        throw SettingError(key, value: "\(id)", problem: "there is no such picture.")
      }
      return StudioFolder.picture(id)
    }
    var recipe = Recipe()
    for (key, value) in settings {
      guard Self.keys.contains(key) else {
        throw SettingError(key, problem: "is not a setting of the studio.")
      }
      try recipe.set(key, to: value)
    }
    if let start = recipe.start, !Self.starts.contains(start) {
      throw SettingError(
        "init", value: start, problem: "must be one of \(Self.starts.joined(separator: ", ")).")
    }
    guard !styles.isEmpty, styles.count <= Self.mostStyles else {
      throw SettingError("style", problem: "there must be 1 to \(Self.mostStyles) styles.")
    }
    recipe.method = method == .onePass ? .onePass : nil
    let content = try photo.map { try path($0, "content") }
    guard method == .optimization || photo != nil else {
      throw SettingError("content", problem: "is missing; choose a photo.")
    }
    let isFilm = try isFilm(kind: kind)
    recipe.content = isFilm ? nil : content
    try checkFilm(isFilm)
    recipe.style = try styles.map { style in
      guard let id = Identifier(style) else { return try Self.shipped(style) }
      return try path(id, "style")
    }
    recipe.mask = try masks.map { masks in try masks.map { try path($0, "mask") + ":" } }
    recipe.protect = try protect.map { try path($0, "protect") }
    try recipe.check()
    return recipe
  }

  /// Checks what only films, or only pictures, can have.
  private func checkFilm(_ isFilm: Bool) throws {
    guard isFilm else {
      guard film == nil else { throw SettingError("film", problem: "is for films.") }
      return
    }
    try film?.settings.check()
    for (key, isGiven) in [("masks", masks != nil), ("protect", protect != nil)] where isGiven {
      throw SettingError(key, problem: "is for photos.")
    }
  }

  /// A style's name, which must be that of a shipped one, so that no request names a file.
  private static func shipped(_ name: String) throws -> String {
    guard try StudioStyle.all().contains(where: { $0.name == name }) else {
      throw SettingError("style", value: name, problem: "there is no such style.")
    }
    return name
  }
}
#endif
