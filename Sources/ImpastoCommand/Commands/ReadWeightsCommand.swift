import ArgumentParser
import Foundation
import IsolatedFormats

/// What `ModelFile` starts as a child process for formats whose libraries are not safe on
/// hostile files.
struct ReadWeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read-weights", abstract: "Convert weights of Keras or MatConvNet, with limits.",
    shouldDisplay: false)

  @Argument var source: String
  @Argument var result: String

  func run() throws {
    do {
      try IsolatedReading.convert(source, to: result)
    } catch let error as IsolatedReadingError {
      // The parent puts the file's name before it.
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      throw ExitCode.failure
    }
  }
}
