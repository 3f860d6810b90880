/// An error that ends a training.
public enum TrainingError: Error, Sendable, CustomStringConvertible {
  /// The losses or the gradient of a step are infinite or not a number.
  case notFinite(step: Int)
  /// None of the photos can be decoded.
  case noPhotos(folder: String)
  /// A checkpoint does not belong to the settings.
  case otherSettings([String])
  /// A file is not a checkpoint of a training, or is damaged.
  case notACheckpoint(path: String)

  public var description: String {
    switch self {
    case .notFinite(let step):
      "step \(step): the loss is no longer finite; try a smaller learning rate or style weight."
    case .noPhotos(let folder): "\(folder): none of the photos can be decoded."
    case .otherSettings(let differences):
      "the checkpoint is of another training: \(differences.joined(separator: "; "))."
    case .notACheckpoint(let path):
      "\(path): this is not the checkpoint of a training, or it is damaged."
    }
  }
}
