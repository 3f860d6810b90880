import ArgumentParser
import Engine
import Foundation
import Impasto
import Logging

@main struct ImpastoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "impasto",
    abstract: "Repaint a photo in the style of a painting.",
    discussion: "impasto transfer photo.jpg --style great-wave -o out.png",
    version: Release.version,
    subcommands: [ReadWeightsCommand.self],
    groupedSubcommands: [
      CommandGroup(
        name: "Painting",
        subcommands: [
          TransferCommand.self, StylizeCommand.self, TextureCommand.self, StudioCommand.self,
          PlanCommand.self, ColorCommand.self, StylesCommand.self,
        ]),
      CommandGroup(
        name: "Training", subcommands: [TrainCommand.self, EvaluateCommand.self]),
      CommandGroup(
        name: "Experiments",
        subcommands: [
          SweepCommand.self, RunsCommand.self, AnimateCommand.self, ReconstructCommand.self,
          InspectCommand.self, ScoreCommand.self, PresetsCommand.self,
        ]),
      CommandGroup(
        name: "Networks and speed",
        subcommands: [ModelsCommand.self, LayersCommand.self, BenchCommand.self]),
    ])

  static func main() async {
    StandardStreams.prepare()
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = logLevel
      return handler
    }
    MemoryExhaustion.setHandler {
      Terminal.complain($0)
      // Other threads are at work: nothing of theirs may run at the exit.
      _exit(ExitCode.failure.rawValue)
    }
    // A full disk or a file-size limit is an error of the write, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    do {
      var command = try parseAsRoot(CommandArguments.all)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      end(with: error)
    }
  }

  /// Prints help or a version.
  private static func endWithHelp(_ text: String) -> Never {
    do {
      try StandardStreams.print(text)
    } catch {
      end(with: error)
    }
    Foundation.exit(0)
  }

  /// The minimum level of library log messages. Errors are always reported separately.
  private static var logLevel: Logger.Level {
    ProcessInfo.processInfo.environment["IMPASTO_LOG"].flatMap { Logger.Level(rawValue: $0) }
      ?? .error
  }

  /// Ends the process with the parser's help, or with an error as one line.
  private static func end(with error: any Error) -> Never {
    if let code = ErrorMessage.exitCode(for: error) {
      Terminal.complain(error)
      Foundation.exit(code.rawValue)
    }
    let code = exitCode(for: error)
    guard code != .success else { endWithHelp(fullMessage(for: error)) }
    if !(error is ExitCode) {
      let isParsers = code == .validationFailure
      Terminal.complain(isParsers ? message(for: error) : ErrorMessage.text(of: error))
    }
    Foundation.exit(code.rawValue)
  }
}
