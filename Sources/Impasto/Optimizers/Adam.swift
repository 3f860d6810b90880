import Foundation
import Tensors

/// Adam: steps of a size that each element's own history of gradients sets.
/// Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2014), algorithm 1.
public struct Adam: Optimizer {
  /// About how far an element moves in a step.
  public var learningRate: Float
  private var mean: [Float] = []
  private var meanSquare: [Float] = []
  private var steps = 0

  // The values that the paper recommends.
  private static let decay = (first: 0.9, second: 0.999)
  private static let epsilon: Float = 1e-8

  /// Makes an optimiser that has not moved yet.
  public init(learningRate: Float) {
    self.learningRate = learningRate
  }

  public mutating func step(_ iterate: inout Iterate, _ function: DifferentiableFunction) throws
    -> StepOutcome
  {
    let count = iterate.point.count
    if mean.count != count {
      mean = [Float](repeating: 0, count: count)
      meanSquare = mean
      steps = 0
    }
    steps += 1
    let rate = learningRate / Float(1 - pow(Self.decay.first, Double(steps)))
    let correction = Float(1 / (1 - pow(Self.decay.second, Double(steps))))
    let (first, second) = (Float(Self.decay.first), Float(Self.decay.second))
    var point = iterate.point
    point.withUnsafeMutableBufferPointer { point in
      mean.withUnsafeMutableBufferPointer { mean in
        meanSquare.withUnsafeMutableBufferPointer { meanSquare in
          iterate.gradient.withUnsafeBufferPointer { gradient in
            for i in 0..<count {
              mean[i] = first * mean[i] + (1 - first) * gradient[i]
              meanSquare[i] = second * meanSquare[i] + (1 - second) * gradient[i] * gradient[i]
              point[i] -=
                rate * mean[i] / ((correction * meanSquare[i]).squareRoot() + Self.epsilon)
            }
          }
        }
      }
    }
    iterate = try Iterate(point, function)
    return StepOutcome(evaluations: 1, moved: true)
  }
}
