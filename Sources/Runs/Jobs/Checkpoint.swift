import Engine
import Files
import Foundation
import Impasto
import ModelFiles
import Pictures

/// A checkpoint of a job: everything that continues a run that was killed or interrupted.
///
/// It is a safetensors file with the picture and the optimizer's vectors in single precision. Its
/// metadata hold the recipe with the checksums of its files, the places of the results, and the
/// progress.
public struct Checkpoint: Sendable {
  /// The job, with its settings.
  public let job: TransferJob
  /// The time that the run has taken so far.
  let seconds: Double
  let transfer: TransferCheckpoint

  /// The number of iterations so far.
  public var iteration: Int { transfer.progress.iteration }

  /// The settings of a job that are not in its recipe.
  private struct Outputs: Codable {
    var output: String?
    var format: PictureFormat?
    var record: String?
    var frames: TransferJob.FrameOutput?
    var includesMetadata: Bool
    var seconds: Double
  }

  /// The keys of the metadata.
  private enum Key {
    static let version = "impasto-checkpoint"
    static let recipe = "recipe"
    static let outputs = "outputs"
    static let progress = "progress"
  }

  private static let version = "1"

  /// Reads the checkpoint of a run.
  ///
  /// - Parameter path: the folder of the run's record, or the output that the run has not finished.
  /// - Throws: `RecordError` if there is none, and an error that names the file if it is damaged.
  public init(of path: String) throws {
    let path = FilePath.withoutTrailingSlashes(path)
    let file = try Self.file(of: path)
    do {
      let contents = try ModelFile(path: file)
      guard contents.metadata[Key.version] == Self.version,
        let recipe = contents.metadata[Key.recipe]
      else { throw CheckpointError() }
      let outputs = try Self.decoded(Outputs.self, contents.metadata[Key.outputs])
      transfer = try TransferCheckpoint(
        Self.decoded(TransferCheckpoint.Progress.self, contents.metadata[Key.progress]),
        vectors: Dictionary(
          uniqueKeysWithValues: contents.tensors.map { name, tensor in
            (name, try contents.mappedFloats(name, shape: tensor.shape))
          }))
      let recorded = try RecipeFile(text: recipe, path: file)
      guard outputs.frames.map({ $0.interval > 0 }) ?? true else { throw CheckpointError() }
      seconds = max(0, outputs.seconds)
      let isRecord = file == RunFolder.checkpoint(path)
      job = TransferJob(
        recipe: recorded.recipe, recorded: recorded, output: isRecord ? outputs.output : path,
        format: outputs.format,
        record: isRecord ? path : outputs.record, frames: outputs.frames,
        includesMetadata: outputs.includesMetadata)
    } catch let error as CheckpointError {
      throw InputError(path: file, cause: error)
    } catch is DecodingError {
      throw InputError(path: file, cause: CheckpointError())
    }
  }

  /// The file of a run's checkpoint.
  private static func file(of path: String) throws -> String {
    let files = FileManager.default
    let (inRecord, beside) = (RunFolder.checkpoint(path), besideOutput(path))
    if files.fileExists(atPath: inRecord) { return inRecord }
    if files.fileExists(atPath: beside) { return beside }
    if files.fileExists(atPath: RunFolder.result(path)) || files.fileExists(atPath: path) {
      throw RecordError(
        "\(path): there is no checkpoint, neither \(inRecord) nor \(beside). The run has ended, or "
          + "was stopped before its first checkpoint.")
    }
    throw RecordError("\(path): there is no such run, and no checkpoint \(beside).")
  }

  /// The path of the checkpoint of a run without a record.
  static func besideOutput(_ output: String) -> String { "\(output).checkpoint" }

  private static func decoded<Value: Decodable>(_ type: Value.Type, _ text: String?) throws
    -> Value
  {
    guard let text else { throw CheckpointError() }
    return try JSONDecoder().decode(type, from: Data(text.utf8))
  }

  /// Writes a checkpoint as a whole, or not at all.
  ///
  /// - Throws: `FileError.unwritable`.
  static func write(
    _ checkpoint: TransferCheckpoint, of job: TransferJob, recipe: String, seconds: Double,
    to path: String
  ) throws {
    let encoder = JSONEncoder()
    func json(_ value: some Encodable) throws -> String {
      String(decoding: try encoder.encode(value), as: UTF8.self)
    }
    let outputs = Outputs(
      output: job.output, format: job.format, record: job.record, frames: job.frames,
      includesMetadata: job.includesMetadata, seconds: seconds)
    let metadata = [
      Key.version: version, Key.recipe: recipe,
      Key.outputs: try json(outputs),
      Key.progress: try json(checkpoint.progress),
    ]
    let items = checkpoint.vectors.sorted { $0.key < $1.key }.map { name, vector in
      SafetensorsWriter.Item(
        name: name, shape: [vector.count], precision: .single,
        parts: { range in
          defer { vector.release(range) }
          return Array(vector.all[range])
        })
    }
    try AtomicFile.write(to: path) { write in
      try SafetensorsWriter.write(items, metadata: metadata, with: write)
    }
  }
}
