import Engine
import Pictures

#if Films
import COpenCV
#endif

/// Whether this build can compute optical flow, which needs the package trait Films.
public enum OpticalFlow {
  /// Whether this build has the package trait Films.
  public static var isAvailable: Bool {
    #if Films
    true
    #else
    false
    #endif
  }
}

/// How a film's picture moved from the one before it.
package struct FrameMotion: Sendable {
  package let size: PixelSize
  /// Where each pixel was in the picture before, as movements to the right and down in pixels:
  /// `[height, width, 2]`.
  let field: FloatBuffer
  /// How far each pixel's movement is trusted, 0...1: `[height, width]`.
  package let trust: FloatBuffer
  /// Whether the picture shows another scene.
  package let isCut: Bool

  #if Films
  /// The picture before, or a result of it, moved to this picture.
  ///
  /// - Throws: `FilterFailure`.
  package func moved(_ picture: Picture) throws -> Picture {
    var elements = [Float](repeating: 0, count: picture.pixels.elements.count)
    try check(
      copencv_warp(
        picture.pixels.elements, 3, field.pointer, Int32(size.width), Int32(size.height), true,
        &elements))
    return Picture(
      pixels: Tensor(
        shape: picture.pixels.shape, elements: elements.map { min(max($0, 0), 1) }))
  }

  /// Where the movement is trusted.
  package var trustedPart: Mask {
    Mask(values: Tensor(shape: [size.height, size.width], elements: trust.elements))
  }
  #endif
}

#if Films
/// Estimates how the pictures of a film move: dense inverse search, forward and backward.
///
/// A pixel is trusted where both directions agree, and where the picture before, moved, looks like the
/// picture: Ruder, Dosovitskiy and Brox (2016), "Artistic style transfer for videos", section 3.2.
package final class MotionEstimator {
  private let size: PixelSize
  private let flow: OpaquePointer
  private var gray: [UInt8]
  private var previous: [UInt8]?
  /// The movement from the picture before, and memory for steps between.
  private let forth: FloatBuffer
  private let moved: FloatBuffer
  private let difference: FloatBuffer

  /// - Parameter size: the size of all pictures.
  package init(_ size: PixelSize) throws {
    self.size = size
    guard let flow = copencv_flow_make() else { throw FilterFailure() }
    self.flow = flow
    let pixels = size.width * size.height
    gray = [UInt8](repeating: 0, count: pixels)
    (forth, moved) = (FloatBuffer(count: 2 * pixels), FloatBuffer(count: 2 * pixels))
    difference = FloatBuffer(count: pixels)
  }

  deinit { copencv_flow_free(flow) }

  /// The movement from the picture before to this one; nil for the first picture.
  ///
  /// - Throws: `FilterFailure`.
  package func motion(to picture: PackedPicture) throws -> FrameMotion? {
    precondition(picture.size == size && picture.depth == .eight)
    let (width, height) = (Int32(size.width), Int32(size.height))
    try check(
      picture.withUnsafeValues {
        copencv_gray($0.bindMemory(to: UInt8.self).baseAddress, width, height, &gray)
      })
    defer { previous = gray }
    guard let previous else { return nil }
    let back = buffer(2)
    // Small pictures have no pyramid for the search; they stand still.
    if size.shortestSide >= Self.leastSide {
      try check(copencv_flow_estimate(flow, gray, previous, width, height, back.pointer))
      try check(copencv_flow_estimate(flow, previous, gray, width, height, forth.pointer))
    } else {
      for buffer in [back, forth] {
        buffer.pointer.update(repeating: 0, count: buffer.count)
      }
    }
    try compare(with: previous, movedBy: back)
    let (trust, share) = try trust(back)
    return FrameMotion(
      size: size, field: back, trust: trust, isCut: share < Self.leastTrustedShare)
  }

  /// Computes the blurred difference of the picture from the one before it, moved, 0...255.
  private func compare(with previous: [UInt8], movedBy back: FloatBuffer) throws {
    let (width, height) = (Int32(size.width), Int32(size.height))
    let (before, moved) = (difference.pointer, moved.pointer)
    for i in previous.indices { before[i] = Float(previous[i]) }
    try check(copencv_warp(before, 1, back.pointer, width, height, false, moved))
    gray.withUnsafeBufferPointer { gray in
      for i in 0..<gray.count { moved[i] = abs(moved[i] - Float(gray[i])) }
    }
    try check(copencv_blur(moved, 1, width, height, 1.5, before))
  }

  /// The trust with soft borders, and its mean.
  private func trust(_ back: FloatBuffer) throws -> (FloatBuffer, share: Double) {
    let (width, height) = (size.width, size.height)
    let trust = buffer(1)
    try check(
      copencv_warp(
        forth.pointer, 2, back.pointer, Int32(width), Int32(height), false, moved.pointer))
    let (b, f) = (back.pointer, moved.pointer)
    var trusted = 0
    for y in 0..<height {
      for x in 0..<width {
        let i = y * width + x
        let (bx, by, fx, fy) = (b[2 * i], b[2 * i + 1], f[2 * i], f[2 * i + 1])
        let (dx, dy) = (bx + fx, by + fy)
        let lengths = bx * bx + by * by + fx * fx + fy * fy
        let agrees = dx * dx + dy * dy <= 0.01 * lengths + 0.5
        let isInside =
          Float(x) + bx >= 0 && Float(x) + bx <= Float(width - 1) && Float(y) + by >= 0
          && Float(y) + by <= Float(height - 1)
        let isTrusted =
          agrees && isInside && difference.pointer[i] <= Self.greatestDifference
        trust.pointer[i] = isTrusted ? 1 : 0
        trusted += isTrusted ? 1 : 0
      }
    }
    try check(copencv_erode(trust.pointer, Int32(width), Int32(height), moved.pointer))
    try check(copencv_blur(moved.pointer, 1, Int32(width), Int32(height), 1.5, trust.pointer))
    return (trust, Double(trusted) / Double(width * height))
  }

  private func buffer(_ channels: Int) -> FloatBuffer {
    FloatBuffer(count: channels * size.width * size.height)
  }

  private static let leastSide = 32
  /// In gray levels.
  private static let greatestDifference: Float = 20
  /// Less of a picture is only trusted after a cut: pictures of different scenes agree in some flat
  /// parts.
  private static let leastTrustedShare = 0.4
}

/// Checks a call of OpenCV.
func check(_ succeeded: Bool) throws {
  guard succeeded else { throw FilterFailure() }
}
#endif

/// OpenCV ran out of memory.
package struct FilterFailure: Error, CustomStringConvertible {
  package var description: String { "The memory for optical flow ran out; choose a smaller size." }
}
