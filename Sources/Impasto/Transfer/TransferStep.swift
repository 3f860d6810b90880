import Networks
import Pictures
import Tensors

/// A transfer after some iterations.
public struct TransferStep: Sendable {
  /// Whether there is more to come.
  public enum Status: Sendable, Hashable {
    case running
    /// The last of the iterations asked for.
    case finished
    /// The optimiser finds no better picture.
    case converged
    /// The task was cancelled.
    case cancelled
  }

  /// Iterations so far; 0 only if the transfer was cancelled before the first.
  public let iteration: Int
  /// Evaluations of the objective so far, of which an iteration may need several.
  public let evaluations: Int
  /// The losses of this picture.
  public let losses: Losses
  /// Whether there is more to come, and if not, why.
  public let status: Status
  /// Nobody writes to it as long as a step holds it.
  let pixels: FloatBuffer
  let photo: Picture
  let preservesColor: Bool

  /// The picture, with the photo's transparency.
  public func picture() -> Picture {
    let picture = Picture(
      pixels: Tensor(shape: photo.pixels.shape, elements: pixels.elements), alpha: photo.alpha)
    return preservesColor ? picture.withChroma(of: photo) : picture
  }
}
