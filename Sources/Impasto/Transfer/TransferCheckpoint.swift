import Engine
import Pictures

/// The state of a transfer after an iteration. A transfer with the same settings continues from it
/// as if it had never stopped.
///
/// The losses and the gradient are not part of it: they are computed again from the picture. Nor is
/// a generator of random numbers, because only the start of a transfer is random.
public struct TransferCheckpoint: Sendable {
  /// Everything but the vectors.
  package struct Progress: Sendable, Codable, Equatable {
    /// The number of iterations so far.
    package var iteration: Int
    /// The number of evaluations of the objective at earlier scales, and at this one.
    package var evaluations: [Int]
    /// The index of the current scale.
    package var scale: Int
    /// The last iteration of this scale.
    package var scaleEnd: Int
    /// The iteration after which the Huber threshold is lifted.
    package var thresholdEnd: Int?
    /// The least loss up to each iteration of this scale, for an early end.
    package var leastLosses: [Double]?
    /// The objective's value at the start of this scale.
    package var startLoss: Double?
    /// The canvas at this scale, in pixels.
    package var width: Int
    package var height: Int
    /// The numbers of the optimizer's state; nil before the first step at this scale.
    package var optimizer: [String: Double]?

    /// The size of the canvas.
    var size: PixelSize { PixelSize(width: width, height: height) }
  }

  package let progress: Progress
  /// The picture, `[height, width, 3]`, and the vectors of the optimizer's state, all of one
  /// length.
  package let vectors: [String: FloatBuffer]

  private static let picture = "picture"
  private static let forms = "forms"

  /// Makes a checkpoint from the contents of a file.
  ///
  /// - Throws: `CheckpointError` for values that contradict each other.
  package init(_ progress: Progress, vectors: [String: FloatBuffer]) throws {
    let sides =
      PixelSize.sides.lowerBound...PixelSize.sides.upperBound + 2
      * TransferOptions.margins.upperBound
    guard sides.contains(progress.width), sides.contains(progress.height),
      progress.iteration >= 0, progress.scale >= 0, progress.scaleEnd >= progress.iteration,
      progress.evaluations.count == 2, progress.evaluations.allSatisfy({ $0 >= 0 }),
      vectors[Self.picture] != nil,
      vectors.values.allSatisfy({ $0.count == progress.width * progress.height * 3 })
    else { throw CheckpointError() }
    self.progress = progress
    self.vectors = vectors
  }

  /// The state of an optimization at one size. The vectors are those of the optimization, not
  /// copies.
  ///
  /// - Parameter forms: the picture whose forms the scale keeps; nil if it is the photo.
  init(_ progress: Progress, point: FloatBuffer, forms: FloatBuffer?, optimizer: OptimizerState) {
    self.progress = progress
    var vectors = optimizer.vectors
    vectors[Self.picture] = point
    vectors[Self.forms] = forms
    self.vectors = vectors
  }

  /// The picture in the memory of the checkpoint.
  var point: FloatBuffer { vectors[Self.picture]! }

  /// The picture.
  var picture: Picture { picture(point) }

  /// The picture whose forms the scale keeps; nil if it is the photo.
  var forms: Picture? { vectors[Self.forms].map(picture) }

  private func picture(_ vector: FloatBuffer) -> Picture {
    Picture(pixels: Tensor(shape: [progress.height, progress.width, 3], elements: vector.elements))
  }

  /// The optimizer's state; nil before the first step at this scale.
  var optimizer: OptimizerState? {
    guard let numbers = progress.optimizer else { return nil }
    var state = OptimizerState()
    state.numbers = numbers
    state.vectors = vectors.filter { ![Self.picture, Self.forms].contains($0.key) }
    return state
  }
}

/// A checkpoint that does not belong to the settings that it comes with.
public struct CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
  package init() {}

  public var description: String {
    "the checkpoint does not fit its settings; it is damaged. Start the run anew."
  }
}
