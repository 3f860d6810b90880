import Tensors

/// Steps against the gradient.
public struct GradientDescent: Optimizer {
  /// The factor between gradient and step.
  public var learningRate: Float

  /// Makes an optimiser with a fixed step size.
  public init(learningRate: Float) {
    self.learningRate = learningRate
  }

  public mutating func step(_ iterate: inout Iterate, _ function: DifferentiableFunction) throws
    -> StepOutcome
  {
    var point = iterate.point
    VectorArithmetic.add(iterate.gradient, times: -learningRate, to: &point)
    iterate = try Iterate(point, function)
    return StepOutcome(evaluations: 1, moved: true)
  }
}
