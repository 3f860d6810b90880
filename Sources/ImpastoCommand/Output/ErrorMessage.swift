import ArgumentParser
import Impasto
import Runs

/// An error in the command's words: settings as options, and a hint to the command that helps.
enum ErrorMessage {
  /// The names that messages use for settings.
  enum Naming {
    /// `--style-weight`.
    case options
    /// `style-weight`, for settings that come from a recipe file.
    case keys

    func callAsFunction(_ key: String) -> String { self == .options ? "--\(key)" : key }
  }

  /// The error as text.
  static func text(of error: any Error, naming: Naming = .options) -> String {
    switch error {
    case let failure as JobFailure:
      [
        text(of: failure.cause, naming: naming), failure.keptDescription,
        failure.resumable.map { "impasto transfer --resume \($0) continues from its checkpoint." },
      ].compactMap(\.self).joined(separator: " ")
    case let error as SettingError:
      error.message(naming: { naming($0) }, explaining: { text(of: $0, naming: naming) })
    case let error as InputError: "\(error.path): \(text(of: error.cause, naming: naming))"
    default:
      SystemErrorMessage.text(of: error)
        ?? [String(describing: error), hint(for: error)].compactMap(\.self).joined(separator: " ")
    }
  }

  /// The command or option that helps.
  private static func hint(for error: any Error) -> String? {
    switch error {
    case ModelsError.notInstalled(let model): "Run impasto models install \(model.name)."
    case ModelsError.noneOfThisName: "impasto models list shows all."
    case ModelsError.unreachable(let model, _):
      "Download \(model.files.map(\.name).joined(separator: " or ")) another way, and run "
        + "impasto models install FILE --name \(model.name)."
    case ModelsError.shipped: "Use --name."
    case NetworkError.unknownPreprocessing:
      "Pass --preprocessing caffe (blue, green, red, 0…255 less the mean) or "
        + "--preprocessing torchvision."
    case is UnknownPaintingError, is UnknownStyleError: "impasto styles lists them."
    case TrainingOutputError.exists: "Choose another file, or add --force to replace it."
    case TrainingOutputError.hasCheckpoint:
      "Continue it with impasto train --resume, or add --force to start anew."
    case is ChangedInputError:
      "Give another file on the command line, or remove its line under [sha256] to use this one."
    default: nil
    }
  }

  /// The exit status after an error; nil for errors that the argument parser knows better.
  static func exitCode(for error: any Error) -> ExitCode? {
    switch error {
    case let failure as JobFailure: exitCode(for: failure.cause) ?? .failure
    case let error as SettingError: error.key == nil ? .failure : .validationFailure
    case is ChangedInputError: .validationFailure
    default: nil
    }
  }
}
