/// Gradient descent with a fixed learning rate.
package struct GradientDescent: Optimizer {
  /// The ratio of step to gradient.
  package var learningRate: Float

  /// Makes an optimizer.
  package init(learningRate: Float) {
    self.learningRate = learningRate
  }

  package mutating func step<Detail>(
    _ iterate: inout Iterate<Detail>, _ function: DifferentiableFunction<Detail>,
    in space: VectorSpace
  ) throws -> StepOutcome {
    let point = space.take()
    space.sum(iterate.point, iterate.gradient, times: -learningRate, into: point)
    let next = try Iterate(point, function, in: space)
    iterate.discard(to: space)
    iterate = next
    return StepOutcome(evaluations: 1, moved: true)
  }

  package var state: OptimizerState { OptimizerState() }

  package mutating func restore(_ state: OptimizerState, in space: VectorSpace) {}
}
