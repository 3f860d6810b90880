import Engine

/// The largest difference between two lists, relative to the largest value of `expected`.
package func relativeError(_ actual: [Float], _ expected: [Float]) -> Float {
  guard actual.count == expected.count else { return .infinity }
  let difference = zip(actual, expected).reduce(Float(0)) { max($0, worse(abs($1.0 - $1.1))) }
  return difference / expected.reduce(0) { max($0, abs($1)) }
}

extension PackedConvolution.Precision {
  /// The largest error of a convolution, as `relativeError` measures it.
  package func tolerance(_ kernels: Kernels) -> Float {
    switch self {
    case .high: 1e-5
    case .mixed where kernels.hasBFloat16, .low where kernels.hasBFloat16: 3e-2
    case .medium, .mixed, .low: 5e-5
    }
  }
}

/// The difference of two numbers, relative to the expected one.
package func relativeError(_ actual: Double, _ expected: Double) -> Double {
  abs(actual - expected) / abs(expected)
}

/// The difference, or infinity for NaN, because `max` ignores NaN.
private func worse(_ difference: Float) -> Float { difference.isNaN ? .infinity : difference }
