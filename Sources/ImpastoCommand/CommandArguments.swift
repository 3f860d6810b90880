import Files
import Foundation

/// The arguments of the process, also those that are not UTF-8.
enum CommandArguments {
  /// All arguments except for the program's name. `CommandLine` replaces bytes that are not UTF-8,
  /// so that files could not be found.
  static let all: [String] = {
    (1..<max(1, Int(CommandLine.argc))).compactMap { index in
      CommandLine.unsafeArgv[index].map { argument in
        SystemPath.string(
          from: UnsafeRawBufferPointer(start: argument, count: strlen(argument)))
      }
    }
  }()
}
