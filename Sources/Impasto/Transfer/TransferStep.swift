import Engine
import Networks
import Pictures

/// The state of a transfer after an iteration.
public struct TransferStep: Sendable {
  /// The status of a transfer.
  public enum Status: Sendable, Hashable {
    case running
    /// The transfer has run its last iteration.
    case finished
    /// The optimizer finds no better picture, or the loss has reached a plateau.
    case converged
    /// The task was canceled.
    case cancelled
  }

  /// The number of iterations so far; 0 only if the task was canceled before the first.
  public let iteration: Int
  /// The number of evaluations of the objective so far; an iteration may need several.
  public let evaluations: Int
  /// The completed share of the work, 0…1, if all iterations are needed.
  public let progress: Double
  /// The number of the scale; 1 is the coarsest.
  public let scale: Int
  /// The losses of this picture with its margin, at the size of its scale.
  public let losses: Losses
  /// The objective's value at the start of the scale.
  public let scaleStartLoss: Double
  /// The status after this step: running, or the reason why it is the last.
  public let status: Status
  /// The pixels, which stay unchanged while a step references them.
  let pixels: FloatBuffer
  /// The size of the pixels, with the margin.
  package let size: PixelSize
  let transfer: StyleTransfer

  /// The picture at full size, with the photo's transparency.
  ///
  /// - Throws: `PictureError` if memory runs out.
  public func picture() throws -> Picture {
    try transfer.shown(
      Picture(pixels: Tensor(shape: [size.height, size.width, 3], elements: pixels.elements)),
      scale: scale - 1)
  }
}
