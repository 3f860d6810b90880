import Files
import Foundation

/// Numbered frames in a folder, such as `000001.png`.
enum FrameFolder {
  /// ffmpeg's input of a folder's frames; nil if the path is not a folder.
  ///
  /// - Throws: `FilmError.unreadable` if the frames do not have numbers one after the other.
  static func arguments(_ path: String, _ rate: Ratio?) throws -> [String]? {
    guard InputFile.isFolder(path) else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let frames = names.filter { !$0.hasPrefix(".") && (try? PictureFormat(path: $0)) != nil }
      .sorted()
    func number(_ name: String) -> (start: Substring, digits: Substring, end: Substring)? {
      guard let last = name.lastIndex(where: \.isNumber) else { return nil }
      let tail = name[name.index(after: last)...]
      let digits = name[...last].reversed().prefix { $0.isNumber }.count
      let first = name.index(last, offsetBy: 1 - digits)
      guard tail.hasPrefix(".") else { return nil }
      return (name[..<first], name[first...last], tail)
    }
    guard let first = frames.first, let start = number(first) else {
      throw FilmError.unreadable(
        path: path, reason: "the folder has no numbered frames, such as 000001.png")
    }
    for (index, name) in frames.enumerated() {
      guard let part = number(name), part.start == start.start, part.end == start.end,
        part.digits.count == start.digits.count, let own = Int(part.digits),
        own == Int(start.digits)! + index
      else {
        throw FilmError.unreadable(
          path: path,
          reason: "\(name) does not follow the frames before it, which begin with \(first)")
      }
    }
    let rate = rate ?? Ratio(24, 1)
    let prefix = (path + "/" + start.start).replacingOccurrences(of: "%", with: "%%")
    return [
      "-f", "image2", "-framerate", "\(rate.numerator)/\(rate.denominator)", "-start_number",
      String(Int(start.digits)!), "-i", "file:\(prefix)%0\(start.digits.count)d\(start.end)",
    ]
  }
}
