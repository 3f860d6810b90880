import Impasto

/// The files of `photo-mask.png:painting-mask.png`. A colon in a name is written `\\:`.
struct MaskFiles {
  /// The photo's mask; nil for the whole photo.
  let photo: String?
  /// The painting's mask; nil for the whole painting.
  let painting: String?

  /// - Throws: `SettingError` unless there is one colon between names, at least one of which is
  ///   not empty.
  init(_ text: String) throws {
    let parts = Self.parts(of: text)
    guard parts.count <= 2, parts.contains(where: { !$0.isEmpty }) else {
      throw SettingError(
        "mask", value: text,
        problem: "must be photo-mask.png:painting-mask.png; one of the two may be left out, and a "
          + "colon in a name is written \\:.")
    }
    photo = parts[0].isEmpty ? nil : parts[0]
    painting = parts.count == 2 && !parts[1].isEmpty ? parts[1] : nil
  }

  private static func parts(of text: String) -> [String] {
    var parts = [""]
    var rest = text[...]
    while let character = rest.popFirst() {
      if character == "\\", rest.first == ":" {
        parts[parts.count - 1].append(rest.removeFirst())
      } else if character == ":" {
        parts.append("")
      } else {
        parts[parts.count - 1].append(character)
      }
    }
    return parts
  }
}
