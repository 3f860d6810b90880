import ArgumentParser
import Files
import Foundation
import Impasto
import Runs

/// The path of each result, checked before any work starts.
struct OutputPlan {
  /// A photo's path, nil for a texture, the style of a result with a single one, and the path of
  /// the result.
  let results: [(photo: String?, style: String?, path: String)]

  /// - Parameters:
  ///   - styles: the styles that get a result each; empty for results with all styles.
  ///   - output: a file or `-` for a single photo, or a folder that exists.
  ///   - format: the results' format; nil for that of the extension.
  ///   - inputs: every file that is read, none of which may be written over.
  init(
    photos: [String], styles: [String], output: String, format: PictureFormat?, inputs: [String]
  ) throws {
    guard output != AtomicFile.standardOutput || format != nil else {
      throw ValidationError("--format is missing: standard output has no extension.")
    }
    let inputs = InputFiles(inputs)
    if InputFile.isFolder(output), !photos.isEmpty {
      results = photos.flatMap { photo in
        let styles = styles.isEmpty ? [nil] : styles.map(Optional.some)
        return styles.map { (photo, $0, Self.path(photo, $0, in: output, format)) }
      }
      try Self.checkDistinct(results)
    } else {
      guard photos.count <= 1, styles.count <= 1, !output.hasSuffix("/") else {
        throw ValidationError(
          "--output \(output): \(InputFile.exists(output) ? "is not a folder" : "there is no such folder"); create "
            + "it first.")
      }
      results = [(photos.first, styles.first, output)]
    }
    for (_, _, path) in results {
      try inputs.checkNotInput(path, key: "output")
      try PictureFormat.checkWritable(path, format)
    }
  }

  private static func checkDistinct(
    _ results: [(photo: String?, style: String?, path: String)]
  ) throws {
    var seen: [String: String] = [:]
    for (photo, style, path) in results {
      let source = [photo, style].compactMap(\.self).joined(separator: " with ")
      guard let other = seen.updateValue(source, forKey: path) else { continue }
      throw ValidationError("\(source) and \(other): both results would be \(path).")
    }
  }

  /// For a result in a folder that will be made for it.
  init(newResult: String, photo: String?) {
    results = [(photo, nil, newResult)]
  }

  /// The photo's name in the folder, as PNG where its own format is not written, with the style's
  /// after a dash if the result has one by itself.
  private static func path(
    _ photo: String, _ style: String?, in folder: String, _ format: PictureFormat?
  ) -> String {
    func stem(_ path: String) -> String {
      URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }
    let name = URL(fileURLWithPath: photo).lastPathComponent
    let own = try? PictureFormat(path: name)
    let isKept = own != nil && own == format ?? own
    let end = isKept ? URL(fileURLWithPath: photo).pathExtension : (format ?? .png).rawValue
    let start = ([photo] + [style].compactMap(\.self)).map(stem).joined(separator: "-")
    return URL(fileURLWithPath: folder).appendingPathComponent("\(start).\(end)").relativePath
  }
}
