import Engine
import Files
import Foundation
import Impasto
import ModelFiles

/// Everything that continues a training: the settings, the parameters, Adam's moments and the number
/// of steps, from which the position in the data and the schedule follow.
///
/// It is a safetensors file with the vectors in single precision and the rest in its metadata.
public struct TrainingCheckpoint: Sendable {
  /// The settings.
  public let options: TrainingOptions
  /// The paintings' names or files.
  public let styles: [String]
  /// The SHA-256 of each painting's file.
  public let styleDigests: [String]
  /// The name or file of the network that the training started from; nil for random weights.
  public let start: String?
  /// The SHA-256 of that network's file.
  let startDigest: String?
  /// The folder of photos.
  public let photos: String
  /// The number of steps so far.
  public let step: Int
  /// The seconds that the training has taken so far.
  public let seconds: Double
  /// The folder of the training's record; nil without one.
  public let record: String?
  /// A number that is another one for other photos.
  let photosDigest: UInt64
  let values: FloatBuffer
  let optimizer: OptimizerState

  /// What the metadata say, as JSON.
  private struct Description: Codable {
    let options: TrainingOptions
    let styles: [String]
    let styleDigests: [String]
    let start: String?
    let startDigest: String?
    let photos: String
    let photosDigest: UInt64
    let step: Int
    let seconds: Double
    let record: String?
    let optimizer: [String: Double]
  }

  private static let key = "impasto.training-checkpoint"
  private static let valuesName = "values"

  /// The path of the checkpoint of a training.
  ///
  /// - Parameter output: the path of the training's result.
  public static func path(of output: String) -> String { "\(output).checkpoint" }

  init(
    options: TrainingOptions, styles: [TrainingStyle], start: TrainingStart?,
    photos: PhotoFolder, step: Int, seconds: Double, record: String?, values: FloatBuffer,
    optimizer: OptimizerState
  ) {
    (self.options, self.photos) = (options, photos.path)
    (self.styles, styleDigests) = (styles.map(\.source), styles.map(\.digest))
    (self.start, startDigest) = (start?.source, start?.digest)
    (self.step, self.seconds, photosDigest) = (step, seconds, photos.digest)
    (self.record, self.values, self.optimizer) = (record, values, optimizer)
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `TrainingError.notACheckpoint`, and `ModelFileError` and `FileError` if the file cannot
  ///   be read.
  public init(path: String) throws {
    let file = try ModelFile(path: path)
    guard let text = file.metadata[Self.key],
      let description = try? JSONDecoder().decode(Description.self, from: Data(text.utf8)),
      (try? description.options.check()) != nil,
      (0...description.options.steps).contains(description.step), description.seconds >= 0
    else { throw TrainingError.notACheckpoint(path: path) }
    options = description.options
    (styles, styleDigests) = (description.styles, description.styleDigests)
    (start, startDigest) = (description.start, description.startDigest)
    (photos, step) = (description.photos, description.step)
    (seconds, photosDigest) = (description.seconds, description.photosDigest)
    record = description.record
    var vectors = try Dictionary(
      uniqueKeysWithValues: file.tensors.map { name, tensor in
        (name, try file.floats(name, shape: tensor.shape))
      })
    guard let values = vectors.removeValue(forKey: Self.valuesName) else {
      throw TrainingError.notACheckpoint(path: path)
    }
    self.values = values
    var state = OptimizerState()
    (state.vectors, state.numbers) = (vectors, description.optimizer)
    optimizer = state
  }

  /// Checks that the checkpoint is of a training.
  ///
  /// - Throws: `TrainingError.otherSettings`, which names all differences.
  func check(
    _ options: TrainingOptions, _ styles: [TrainingStyle], _ start: TrainingStart?,
    _ photos: PhotoFolder
  ) throws {
    var differences = options.differences(from: self.options)
    if styles.count != styleDigests.count {
      differences.append("there are \(styles.count) paintings instead of \(styleDigests.count)")
    }
    for (style, digest) in zip(styles, styleDigests) where style.digest != digest {
      differences.append("\(style.source) is another painting")
    }
    if start?.digest != startDigest {
      differences.append("\(start?.source ?? self.start ?? "the start") is another network")
    }
    if photos.digest != photosDigest {
      differences.append("the photos in \(photos.path) are not the same")
    }
    guard differences.isEmpty else { throw TrainingError.otherSettings(differences) }
  }

  /// Writes the checkpoint as a whole, or not at all.
  ///
  /// - Throws: `FileError.unwritable`.
  func write(to path: String) throws {
    let description = Description(
      options: options, styles: styles, styleDigests: styleDigests, start: start,
      startDigest: startDigest, photos: photos, photosDigest: photosDigest, step: step,
      seconds: seconds, record: record,
      optimizer: optimizer.numbers)
    let text = String(decoding: try JSONEncoder().encode(description), as: UTF8.self)
    let vectors = optimizer.vectors.merging([Self.valuesName: values]) { $1 }
    let items = vectors.sorted { $0.key < $1.key }.map { name, vector in
      SafetensorsWriter.Item(name: name, shape: [vector.count], precision: .single) {
        vector.elements
      }
    }
    try AtomicFile.write(to: path) { write in
      try SafetensorsWriter.write(items, metadata: [Self.key: text], with: write)
    }
  }
}
