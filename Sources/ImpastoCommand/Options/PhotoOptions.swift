import ArgumentParser
import Files
import Foundation
import Pictures

/// The photos of a transfer: files, and folders of them.
struct PhotoOptions: ParsableArguments {
  @Argument(
    help: "The photos: files, folders of pictures, or - for standard input.",
    completion: .file())
  var photos: [String] = []

  @Flag(help: "Take the pictures in the folders of a folder, too.")
  var recursive = false

  /// The files. A folder stands for its pictures in the order of their names.
  ///
  /// - Throws: `ValidationError` for a folder without pictures.
  func files() throws -> [String] {
    try photos.flatMap { photo in
      guard InputFile.isFolder(photo) else { return [photo] }
      let pictures = pictures(in: FilePath.withoutTrailingSlashes(photo))
      guard !pictures.isEmpty else {
        throw ValidationError(
          "\(photo): has no pictures" + (recursive ? "." : "; --recursive looks into its folders."))
      }
      return pictures
    }
  }

  private func pictures(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      if InputFile.isFolder(path) { return recursive ? pictures(in: path) : [] }
      return (try? PictureFile(path)) == nil ? [] : [path]
    }
  }
}
