import ArgumentParser
import Files
import Foundation
import Impasto
import Runs

/// The path of each result, checked before any work starts.
struct OutputPlan {
  /// A photo's path, nil for a texture, with its result's.
  let pairs: [(photo: String?, result: String)]

  /// - Parameters:
  ///   - output: a file or `-` for a single photo, or a folder that exists.
  ///   - format: the results' format; nil for that of the extension.
  ///   - inputs: every file that is read, none of which may be written over.
  init(photos: [String], output: String, format: PictureFormat?, inputs: [String]) throws {
    guard output != AtomicFile.standardOutput || format != nil else {
      throw ValidationError("--format is missing: standard output has no extension.")
    }
    let inputs = InputFiles(inputs)
    if InputFile.isFolder(output), !photos.isEmpty {
      let pairs = photos.map { ($0, Self.result(of: $0, in: output, format)) }
      var seen: [String: String] = [:]
      for (photo, result) in pairs {
        if let other = seen.updateValue(photo, forKey: result) {
          throw ValidationError("\(photo) and \(other): both results would be \(result).")
        }
      }
      self.pairs = pairs
    } else {
      guard photos.count <= 1, !output.hasSuffix("/") else {
        throw ValidationError(
          "--output \(output): \(InputFile.exists(output) ? "is not a folder" : "there is no such folder"); create "
            + "it first.")
      }
      pairs = [(photos.first, output)]
    }
    for (_, result) in pairs {
      try inputs.checkNotInput(result, key: "output")
      try PictureFormat.checkWritable(result, format)
    }
  }

  /// For a result in a folder that will be made for it.
  init(newResult: String, photo: String?) {
    pairs = [(photo, newResult)]
  }

  /// The photo's name in the folder, as PNG where its own format is not written.
  private static func result(
    of photo: String, in folder: String, _ format: PictureFormat?
  ) -> String {
    let name = URL(fileURLWithPath: photo).lastPathComponent
    let own = try? PictureFormat(path: name)
    let stem = URL(fileURLWithPath: photo).deletingPathExtension().lastPathComponent
    let isKept = own != nil && own == format ?? own
    return URL(fileURLWithPath: folder).appendingPathComponent(
      isKept ? name : "\(stem).\((format ?? .png).rawValue)"
    ).relativePath
  }
}
