import CVips
import Files

/// The damage of a JPEG file that can be shown nevertheless, as viewers do.
enum JPEGDamage {
  /// The part of the rows that may be lost. A result with more would be visibly incomplete.
  private static let mostLost = 0.1

  /// What is wrong with a file, as a part of a sentence that follows its name; nil if too much
  /// is lost, or if the damage is not one of the picture's data.
  static func note(path: String) -> String? {
    var damage = cvips_jpeg_damage()
    guard path.withSystemPath({ cvips_find_jpeg_damage($0, &damage) }) else { return nil }
    if damage.lacks_precision_only, damage.intact_rows < damage.rows {
      return "it is slightly damaged: its last details are missing"
    }
    let lost = damage.rows - damage.intact_rows
    guard Double(lost) <= mostLost * Double(damage.rows) else { return nil }
    return lost == 0
      ? "it is slightly damaged, but all of its rows can be read"
      : "it is damaged: the last \(lost) of its \(damage.rows) rows are missing or wrong"
  }
}
