import ArgumentParser
import Foundation
import IsolatedFormats

/// What `ModelFile` starts as a child process for formats whose libraries are not safe on
/// hostile files.
struct ReadWeightsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read-weights", abstract: "Convert weights of Keras or MatConvNet, with limits.",
    shouldDisplay: false)

  @Argument var parent: Int32

  /// Ends the process, which has closed descriptors that its exit handlers may need.
  func run() throws {
    do {
      try IsolatedReading.convert(parent: parent)
    } catch {
      // The parent puts the file's name before it.
      FileHandle.standardError.write(Data("\(error)\n".utf8))
      _exit(1)
    }
    _exit(0)
  }
}
