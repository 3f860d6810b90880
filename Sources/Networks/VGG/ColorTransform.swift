import Engine

/// A 1x1 convolution of a picture's three channels, 0…1, before a network's first 3x3
/// convolution.
///
/// No nonlinearity separates the two, and reflection padding repeats values of the map itself, so
/// both fold into one convolution. The folded convolution reads Caffe's values: published layers of
/// this kind apply Caffe's preprocessing, and folding leaves only their order of channels.
struct ColorTransform {
  /// The 3x3 matrix, `[inputs, outputs]` if `isInputsFirst`, otherwise `[outputs, inputs]`.
  let weights: [Float]
  let biases: [Float]
  let isInputsFirst: Bool

  private func weight(_ output: Int, _ input: Int) -> Double {
    Double(weights[isInputsFirst ? input * 3 + output : output * 3 + input])
      / Double(Preprocessing.caffe.scale[input])
  }

  private func bias(_ output: Int) -> Double {
    (0..<3).reduce(Double(biases[output])) {
      $0 + weight(output, $1) * Double(Preprocessing.caffe.offset[$1])
    }
  }

  /// The folded kernel, `[outputs, 3, 3, 3]`, for Caffe's values.
  func folded(into kernel: FloatBuffer, outputs: Int) -> FloatBuffer {
    let result = FloatBuffer(count: kernel.count)
    for output in 0..<outputs {
      for input in 0..<3 {
        for tap in 0..<9 {
          let sum = (0..<3).reduce(0.0) {
            $0 + Double(kernel.pointer[output * 27 + $1 * 9 + tap]) * weight($1, input)
          }
          result.pointer[output * 27 + input * 9 + tap] = Float(sum)
        }
      }
    }
    return result
  }

  /// The folded biases, for Caffe's values.
  func folded(into first: FloatBuffer, weights kernel: FloatBuffer, outputs: Int) -> FloatBuffer {
    let result = FloatBuffer(count: outputs)
    for output in 0..<outputs {
      let sum = (0..<27).reduce(0.0) {
        $0 + Double(kernel.pointer[output * 27 + $1]) * bias($1 / 9)
      }
      result.pointer[output] = Float(Double(first.pointer[output]) + sum)
    }
    return result
  }
}
