#if Films
import COpenCV
import Engine
import Pictures

/// Keeps a film that was repainted picture by picture from flickering.
///
/// Each result is blended with the result before it, moved along the film's own motion, where that is
/// trusted. Blending pictures whose strokes differ loses contrast of details, so details get the
/// contrast of the result that is blended in.
package final class TemporalSmoothing {
  /// The part of the result before, 0...1.
  private let strength: Float
  private let size: PixelSize
  /// The result before, `[height, width, 3]`.
  private let state: FloatBuffer
  private var isFirst = true
  private let warped: FloatBuffer
  private let blend: FloatBuffer
  private let blurred: FloatBuffer
  private var contrast: DetailContrast

  /// - Parameters:
  ///   - strength: the part of the result before, 0...1.
  ///   - size: the size of all pictures.
  package init(strength: Float, size: PixelSize) {
    (self.strength, self.size) = (strength, size)
    let count = 3 * size.width * size.height
    (state, warped) = (FloatBuffer(count: count), FloatBuffer(count: count))
    (blend, blurred) = (FloatBuffer(count: count), FloatBuffer(count: count))
    contrast = DetailContrast(size)
  }

  /// Continues after a result.
  package func start(from result: PackedPicture) {
    read(result, into: state)
    isFirst = false
  }

  /// The result blended with the one before it.
  ///
  /// - Parameters:
  ///   - result: the picture as the network repainted it.
  ///   - motion: the movement of the film; nil for its first picture.
  /// - Throws: `FilterFailure`.
  package func smoothed(_ result: PackedPicture, _ motion: FrameMotion?) throws -> PackedPicture {
    precondition(result.size == size)
    if let motion, !motion.isCut, !isFirst {
      try blendIn(result, motion)
    } else {
      read(result, into: state)
    }
    isFirst = false
    let output = PackedPicture(size: size, depth: .eight)
    for row in 0..<size.height {
      output.write(
        row: row, columns: 0..<size.width, state.pointer + 3 * row * size.width)
    }
    // The state is what was written, so that a film can be continued from a result's file.
    read(output, into: state)
    return output
  }

  private func blendIn(_ result: PackedPicture, _ motion: FrameMotion) throws {
    let (width, height) = (Int32(size.width), Int32(size.height))
    try check(
      copencv_warp(
        state.pointer, 3, motion.field.pointer, width, height, true, warped.pointer))
    let current = state
    read(result, into: current)
    let (b, w, c, trust) = (
      blend.pointer, warped.pointer, current.pointer, motion.trust.pointer
    )
    for i in 0..<size.width * size.height {
      let part = strength * trust[i]
      for channel in 3 * i..<3 * i + 3 {
        b[channel] = c[channel] + part * (w[channel] - c[channel])
      }
    }
    // The details of both pictures; the warped one is no longer needed.
    try check(copencv_blur(c, 3, width, height, Self.detailSigma, blurred.pointer))
    contrast.measure(c, blurred.pointer, isReference: true)
    try check(copencv_blur(b, 3, width, height, Self.detailSigma, blurred.pointer))
    contrast.measure(b, blurred.pointer, isReference: false)
    contrast.restore(b, blurred.pointer, into: state.pointer)
  }

  private func read(_ picture: PackedPicture, into values: FloatBuffer) {
    for row in 0..<size.height {
      picture.read(row: row, columns: 0..<size.width, into: values.pointer + 3 * row * size.width)
    }
  }

  /// The blur whose rest are details, in pixels.
  private static let detailSigma = 1.0
}

/// Gives the details of a picture the local contrast of another one's.
///
/// Contrast is the mean square of a picture minus its blurred self, in blocks.
struct DetailContrast {
  private let size: PixelSize
  private let columns: Int
  private let rows: Int
  private var reference: [Float]
  private var own: [Float]

  init(_ size: PixelSize) {
    self.size = size
    columns = (size.width + Self.block - 1) / Self.block
    rows = (size.height + Self.block - 1) / Self.block
    reference = [Float](repeating: 0, count: columns * rows)
    own = reference
  }

  /// Measures the contrast of details in each block.
  mutating func measure(
    _ picture: UnsafePointer<Float>, _ blurred: UnsafePointer<Float>, isReference: Bool
  ) {
    var sums = [Float](repeating: 0, count: columns * rows)
    for y in 0..<size.height {
      for column in 0..<columns {
        let start = column * Self.block
        let end = min(size.width, start + Self.block)
        var sum: Float = 0
        for i in 3 * (y * size.width + start)..<3 * (y * size.width + end) {
          let detail = picture[i] - blurred[i]
          sum += detail * detail
        }
        sums[y / Self.block * columns + column] += sum
      }
    }
    if isReference { reference = sums } else { own = sums }
  }

  /// Writes the picture with its details amplified to the contrast of the reference.
  func restore(
    _ picture: UnsafePointer<Float>, _ blurred: UnsafePointer<Float>,
    into result: UnsafeMutablePointer<Float>
  ) {
    let gains = self.gains
    for y in 0..<size.height {
      let (above, below, down) = Self.neighbors(y, rows)
      for x in 0..<size.width {
        let (left, right, across) = Self.neighbors(x, columns)
        let top =
          gains[above * columns + left] * (1 - across) + gains[above * columns + right] * across
        let bottom =
          gains[below * columns + left] * (1 - across) + gains[below * columns + right] * across
        let gain = top + down * (bottom - top)
        for i in 3 * (y * size.width + x)..<3 * (y * size.width + x) + 3 {
          let value = blurred[i] + gain * (picture[i] - blurred[i])
          result[i] = min(max(value, 0), 1)
        }
      }
    }
  }

  /// The amplification in each block, from the sums of it and its eight neighbors.
  private var gains: [Float] {
    (0..<rows).flatMap { row in
      (0..<columns).map { column in
        var (wanted, given): (Float, Float) = (0, 0)
        for r in max(0, row - 1)...min(rows - 1, row + 1) {
          for c in max(0, column - 1)...min(columns - 1, column + 1) {
            wanted += reference[r * columns + c]
            given += own[r * columns + c]
          }
        }
        let ratio = min(max((wanted / (given + 1e-6)).squareRoot(), 1), Self.mostGain)
        return 1 + Self.restoredPart * (ratio - 1)
      }
    }
  }

  /// The blocks whose middles lie around a position, and its place between them.
  private static func neighbors(_ position: Int, _ count: Int) -> (Int, Int, Float) {
    let place = (Float(position) + 0.5) / Float(block) - 0.5
    let first = Int(place.rounded(.down))
    return (max(0, first), min(count - 1, first + 1), place - Float(first))
  }

  private static let block = 8
  private static let mostGain: Float = 1.5
  /// More of the contrast would amplify what is left of the flicker, too.
  private static let restoredPart: Float = 0.5
}
#endif
