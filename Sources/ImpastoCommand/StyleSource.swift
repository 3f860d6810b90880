import ArgumentParser
import Foundation
import Impasto

/// A painting given on the command line: a file, or the name of a shipped one.
struct StyleSource {
  let file: PictureFile

  init(_ argument: String) throws {
    if FileManager.default.fileExists(atPath: argument) {
      file = try PictureFile(argument)
    } else if let painting = Painting.catalogue.first(where: { $0.name == argument }) {
      file = try PictureFile(painting.path(in: .located()))
    } else {
      throw ValidationError(
        "--style \(argument): there is no such file, and no shipped painting of that name; "
          + "«impasto styles» lists them.")
    }
  }
}
