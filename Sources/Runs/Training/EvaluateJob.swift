import Files
import Foundation
import Impasto
import NetworkStore
import Networks
import Pictures
import Training

/// A comparison of a trained style with the optimization of the same objective, photo by photo.
///
///     let job = EvaluateJob(style: "wave.safetensors", painting: "great-wave")
///     try job.run(photos: ["a.jpg", "b.jpg"]) { photo, losses in
///       print(photo, losses.network.total / losses.optimized.total)
///     }
public struct EvaluateJob: Sendable {
  /// The trained style, as `impasto stylize` names it.
  public var style: String
  /// The painting that the style was trained for; nil for the shipped painting of the style's name.
  public var painting: String?
  /// The longer side of photos in pixels.
  public var side = 384
  /// The number of evaluations of the objective that the optimizer makes for a photo.
  public var evaluations = 100
  /// The number of threads; nil for all processors that may be used.
  public var threads: Int?

  /// Makes a job.
  public init(style: String, painting: String? = nil) {
    (self.style, self.painting) = (style, painting)
  }

  /// Computes the losses of photos.
  ///
  /// - Parameter report: receives each photo's path and losses.
  /// - Throws: `SettingError`, `PictureError`, `InputError`, `NetworkError` and `ModelFileError`.
  public func run(
    photos: [String], _ report: (String, NetworkEvaluation.PhotoLosses) throws -> Void
  ) throws {
    var recipe = Recipe()
    recipe.style = [style]
    let selection = try StyleSelection(recipe)
    guard let only = selection.onlyStyle else {
      throw SettingError(
        "style", value: style, problem: "is a painting; give the file of a network.")
    }
    guard !InputFile.isFolder(selection.networkPath),
      let options = try TrainedStyleMetadata.options(
        of: only.name, networkPath: selection.networkPath)
    else {
      throw SettingError(
        "style", value: style,
        problem: "has no settings of a training; only networks of impasto train have them.")
    }
    guard let source = painting ?? only.name else {
      throw SettingError("painting", problem: "is missing; give the painting of the training.")
    }
    let file: PictureFile
    do {
      file = try PictureFile(paintingNamed: source)
    } catch let error as SettingError {
      throw SettingError("painting", value: source, cause: error.cause ?? error)
    }
    let evaluation = try NetworkEvaluation(
      selection.network, style: only.style,
      painting: file.decoded(file.size.scaled(toLongestSide: options.styleSize)),
      options: options, threads: threads)
    for path in photos {
      let photo = try PictureFile(path)
      let picture = try photo.decoded(photo.size.fitted(within: side)).overWhite
      do {
        try report(path, evaluation.losses(of: picture, evaluations: evaluations))
      } catch let error as NetworkError {
        throw InputError(path: path, cause: error)
      }
    }
  }
}
