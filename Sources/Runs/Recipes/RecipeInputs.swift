import Foundation
import Impasto

/// The files that a recipe names, with their headers read.
struct RecipeInputs {
  let photo: PictureFile?
  let paintings: [PictureFile]
  /// A photo's and a painting's mask for each painting.
  let masks: [(photo: PictureFile?, painting: PictureFile?)]
  let protected: PictureFile?
  let start: PictureFile?
  /// Every file's name in the recipe and its path.
  private(set) var all: [(name: String, path: String)] = []

  /// What the pictures hold that is not used; complete once they are decoded.
  var notes: [String] {
    let pictures =
      [photo, protected, start] + paintings + masks.flatMap { [$0.photo, $0.painting] }
    return pictures.compactMap(\.self).flatMap(\.notes)
  }

  /// The starts that are not files.
  static let starts = ["recolored", "content", "noise", "blend", "style"]

  /// - Throws: `SettingError` and `PictureError.unreadable`.
  init(_ recipe: Recipe) throws {
    try recipe.check()
    guard recipe.method == nil else {
      throw SettingError(
        "method", value: recipe.method!.rawValue,
        problem: "this recipe is of a one-pass network; repeat it with impasto stylize.")
    }
    guard let styles = recipe.style, !(styles.isEmpty && recipe.content == nil) else {
      throw SettingError(
        "style", problem: "is missing; name a painting's file or a shipped painting.")
    }
    photo = try recipe.content.map { try PictureFile($0, acceptsPipe: true) }
    paintings = try styles.map { try PictureFile(paintingNamed: $0) }
    masks = try (recipe.mask ?? []).map { text in
      let files = try MaskFiles(text)
      return (
        try files.photo.map { try PictureFile($0) }, try files.painting.map { try PictureFile($0) }
      )
    }
    protected = try recipe.protect.map { try PictureFile($0) }
    let start = recipe.start.flatMap { Self.starts.contains($0) ? nil : $0 }
    self.start = try start.map { try PictureFile($0) }
    try Self.checkShapes(self)
    all =
      ([photo].compactMap(\.self) + masks.flatMap { [$0.photo, $0.painting].compactMap(\.self) }
      + [protected, self.start].compactMap(\.self)).map { ($0.path, $0.location) }
      + zip(styles, paintings.map(\.location))
    let model = recipe.networkConfiguration.source
    all.append((model, try Recipe.aboutModel { try ModelPlace(nameOrPath: model).path }))
  }

  /// Refuses masks of another shape, which would not fit their picture.
  private static func checkShapes(_ inputs: RecipeInputs) throws {
    func check(_ mask: PictureFile?, _ key: String, _ picture: PictureFile?) throws {
      guard let mask, let picture else { return }
      let ratios = [mask.size, picture.size].map { Double($0.width) / Double($0.height) }
      guard abs(ratios[0] / ratios[1] - 1) > 0.02 else { return }
      throw SettingError(
        key, value: mask.path,
        problem: "its shape \(mask.size) is not that of \(picture.path), \(picture.size).")
    }
    for (masks, painting) in zip(inputs.masks, inputs.paintings) {
      try check(masks.photo, "mask", inputs.photo)
      try check(masks.painting, "mask", painting)
    }
    try check(inputs.protected, "protect", inputs.photo)
  }
}

extension Recipe {
  /// Every file or name that the recipe reads.
  public var inputs: [String] {
    let masks = (mask ?? []).flatMap { text in
      (try? MaskFiles(text)).map { [$0.photo, $0.painting].compactMap(\.self) } ?? []
    }
    return [content, protect, start, model].compactMap(\.self) + (style ?? []) + masks
  }
}
