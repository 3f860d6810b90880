import Engine
import Foundation

/// The Adam optimizer: Kingma and Ba, "Adam: A Method for Stochastic Optimization" (2014),
/// algorithm 1.
package struct Adam: Optimizer {
  /// The approximate distance that an element moves in a step.
  package var learningRate: Float
  private var moments: (mean: FloatBuffer, square: FloatBuffer)?
  private var steps = 0

  // The paper's recommended values.
  private static let decay = (first: 0.9, second: 0.999)
  private static let epsilon: Float = 1e-8

  /// Makes an optimizer without a history.
  package init(learningRate: Float) {
    self.learningRate = learningRate
  }

  package mutating func step<Detail>(
    _ iterate: inout Iterate<Detail>, _ function: DifferentiableFunction<Detail>,
    in space: VectorSpace
  ) throws -> StepOutcome {
    let next = space.take()
    move(iterate.point, iterate.gradient, into: next, in: space)
    let moved = try Iterate(next, function, in: space)
    iterate.discard(to: space)
    iterate = moved
    return StepOutcome(evaluations: 1, moved: true)
  }

  /// Moves a point by a gradient, which may be that of a part of the function, such as a batch.
  ///
  /// - Parameter target: receives the new point; may be `point`.
  package mutating func move(
    _ point: FloatBuffer, _ gradient: FloatBuffer, into target: FloatBuffer, in space: VectorSpace
  ) {
    let moments = self.moments ?? zeros(space)
    self.moments = moments
    steps += 1
    let rate = learningRate / Float(1 - pow(Self.decay.first, Double(steps)))
    let correction = Float(1 / (1 - pow(Self.decay.second, Double(steps))))
    let (first, second) = (Float(Self.decay.first), Float(Self.decay.second))
    let (point, gradient, target) = (point.pointer, gradient.pointer, target.pointer)
    let (mean, square) = (moments.mean.pointer, moments.square.pointer)
    space.forRanges { range in
      for i in range {
        mean[i] = first * mean[i] + (1 - first) * gradient[i]
        square[i] = second * square[i] + (1 - second) * gradient[i] * gradient[i]
        let size = (correction * square[i]).squareRoot() + Self.epsilon
        target[i] = point[i] - rate * mean[i] / size
      }
    }
  }

  package var state: OptimizerState {
    var state = OptimizerState()
    state.numbers["steps"] = Double(steps)
    state.vectors["mean"] = moments?.mean
    state.vectors["square"] = moments?.square
    return state
  }

  package mutating func restore(_ state: OptimizerState, in space: VectorSpace) throws {
    guard let steps = state.numbers["steps"].flatMap(Int.init(exactly:)), steps >= 0 else {
      throw CheckpointError()
    }
    guard steps > 0 else { return }
    guard let mean = try state.vector("mean", in: space),
      let square = try state.vector("square", in: space)
    else { throw CheckpointError() }
    self.steps = steps
    moments = (mean, square)
  }

  private func zeros(_ space: VectorSpace) -> (FloatBuffer, FloatBuffer) {
    let vectors = (space.take(), space.take())
    space.forRanges { range in
      for i in range { (vectors.0.pointer[i], vectors.1.pointer[i]) = (0, 0) }
    }
    return vectors
  }
}
