/// A layer's weights, indexed for the forward or the backward pass.
struct OrientedWeights {
  let inputs: Int
  let outputs: Int
  let size: Int
  private let elements: FloatBuffer
  private let direction: PackedConvolution.Direction

  init(_ weights: FloatBuffer, shape: [Int], direction: PackedConvolution.Direction) {
    let isForward = direction == .forward
    outputs = shape[isForward ? 0 : 1]
    inputs = shape[isForward ? 1 : 0]
    size = shape[2]
    elements = weights
    self.direction = direction
  }

  /// Calls `body` with an accessor for the weight at `(output, input, tap)`. Taps count the
  /// kernel's positions row by row.
  func withAccess<Result>(_ body: (_ weight: (Int, Int, Int) -> Float) -> Result) -> Result {
    let weights = elements.pointer
    let taps = size * size
    return switch direction {
    case .forward: body { output, input, tap in weights[(output * inputs + input) * taps + tap] }
    case .backward:
      body { output, input, tap in weights[(input * outputs + output) * taps + taps - 1 - tap] }
    }
  }

  /// Copies the weights of one input and some outputs, `[tap][output]`.
  func copy(input: Int, outputs range: Range<Int>, to: UnsafeMutablePointer<Float>) {
    let taps = size * size
    let isForward = direction == .forward
    for (column, output) in range.enumerated() {
      let kernel =
        elements.pointer
        + (isForward ? output * inputs + input : input * outputs + output) * taps
      for tap in 0..<taps {
        to[tap * range.count + column] = kernel[isForward ? tap : taps - 1 - tap]
      }
    }
  }
}
