/// The gradient of the weights of a convolution of stride 1 that keeps the size of a map.
///
/// In a padded map, the inputs that one kernel row reads for an output are contiguous, and those of the
/// next output start one position later. They are overlapping rows of a matrix, so a row of outputs and
/// a kernel row take one product of the upstream gradient with it, without gathering patches.
struct RowWeightGradient {
  let inputs: Int
  let outputs: Int
  let size: Int
  let padding: Padding

  /// The number of output rows with a sum of their own. It depends on nothing else, so that the result
  /// does not depend on the number of threads.
  private static let rowsPerPart = 16

  /// Adds the gradient.
  ///
  /// - Parameters:
  ///   - map: the convolution's input, `[height, width, inputs]`.
  ///   - upstream: the gradient with respect to its output, `[height, width, outputs]`.
  ///   - gradient: `[outputs, inputs, size, size]`.
  func add(
    _ map: UnsafePointer<Float>, upstream: UnsafePointer<Float>, height: Int, width: Int,
    to gradient: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let reach = size / 2
    let parts = (height + Self.rowsPerPart - 1) / Self.rowsPerPart
    // The sums of a part, `[tap row, outputs, tap column, inputs]`.
    let rowCount = outputs * size * inputs
    let sums = workspace.shared(parts * size * rowCount)
    let cross = workspace.kernels.table.pointee.cross!
    workspace.parallel(parts, scratch: (width + 2 * reach) * inputs) { part, padded in
      let sum = sums + part * size * rowCount
      sum.update(repeating: 0, count: size * rowCount)
      let rows = part * Self.rowsPerPart..<min(height, (part + 1) * Self.rowsPerPart)
      for y in rows.lowerBound - reach..<rows.upperBound + reach {
        guard let row = padding.source(y, length: height) else { continue }
        padding.copy(
          map + row * width * inputs, width: width, channels: inputs, reach: reach, into: padded)
        for tapRow in 0..<size where rows.contains(y + reach - tapRow) {
          cross(
            width, outputs, size * inputs, upstream + (y + reach - tapRow) * width * outputs,
            padded, inputs, sum + tapRow * rowCount)
        }
      }
    }
    workspace.parallel(outputs) { output in
      for part in 0..<parts {
        for tapRow in 0..<size {
          let sum = sums + (part * size + tapRow) * rowCount + output * size * inputs
          for tap in 0..<size {
            for input in 0..<inputs {
              let place = ((output * inputs + input) * size + tapRow) * size + tap
              gradient[place] += sum[tap * inputs + input]
            }
          }
        }
      }
    }
  }
}
