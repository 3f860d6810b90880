import Engine
import Networks
import Pictures

/// A transfer after some iterations.
public struct TransferStep: Sendable {
  /// Whether more steps follow.
  public enum Status: Sendable, Hashable {
    case running
    /// The last requested iteration.
    case finished
    /// The optimizer finds no better picture, or hardly a better one.
    case converged
    /// The task was cancelled.
    case cancelled
  }

  /// Iterations so far; 0 only if the transfer was cancelled before the first.
  public let iteration: Int
  /// Evaluations of the objective so far, of which an iteration may need several.
  public let evaluations: Int
  /// The share of the work that is done, 0…1, should all iterations be needed.
  public let progress: Double
  /// The scale, from 1 for the coarsest.
  public let scale: Int
  /// The losses of this picture with its margin, at the size of its scale.
  public let losses: Losses
  /// Whether more steps follow, and if not, why.
  public let status: Status
  /// The pixels, which stay unchanged while a step references them.
  let pixels: FloatBuffer
  /// The photo in the size of the pixels, with its margin.
  package let scaledPhoto: Picture
  let transfer: StyleTransfer

  /// The picture in its full size, with the photo's transparency.
  ///
  /// - Throws: `PictureError` where memory runs out.
  public func picture() throws -> Picture {
    let scaled = Picture(
      pixels: Tensor(shape: scaledPhoto.pixels.shape, elements: pixels.elements))
    return try transfer.shown(scaled, from: scaledPhoto)
  }
}
