import Engine

/// The last steps of an optimization with the gradient's changes over them, which approximate the
/// inverse Hessian: Nocedal and Wright (2006), algorithm 7.4.
struct CurvatureHistory: Sendable {
  /// A step and the gradient's change over it.
  struct Pair: Sendable {
    let step: FloatBuffer
    let change: FloatBuffer
  }

  private var pairs: [(vectors: Pair, product: Double)] = []

  /// The number of pairs.
  var count: Int { pairs.count }

  /// Adds a pair if its curvature is sufficiently positive.
  mutating func append(_ pair: Pair, in space: VectorSpace) {
    let product = space.dot(pair.step, pair.change)
    if product > 1e-10 * space.dot(pair.change, pair.change).squareRoot() {
      let kept = Pair(step: space.archived(pair.step), change: space.archived(pair.change))
      pairs.append((kept, product))
    } else {
      discard(pair, to: space)
    }
  }

  /// Writes the product of the approximate inverse Hessian and the negative gradient.
  ///
  /// - Parameter scales: the initial diagonal of the inverse Hessian, up to a factor; nil for a
  ///   constant diagonal.
  func setDirection(
    _ direction: FloatBuffer, gradient: FloatBuffer, scales: FloatBuffer?, in space: VectorSpace
  ) {
    space.scale(gradient, by: -1, into: direction)
    var alphas: [Double] = []
    for (pair, product) in pairs.reversed() {
      let alpha = space.dot(pair.step, direction) / product
      space.sum(direction, pair.change, times: Float(-alpha), into: direction)
      alphas.append(alpha)
    }
    if let scales { space.multiply(direction, scales, into: direction) }
    if let last = pairs.last {
      let length = lengthOfLastChange(last.vectors.change, scales: scales, in: space)
      space.scale(direction, by: Float(last.product / length), into: direction)
    }
    for ((pair, product), alpha) in zip(pairs, alphas.reversed()) {
      let beta = space.dot(pair.change, direction) / product
      space.sum(direction, pair.step, times: Float(alpha - beta), into: direction)
    }
  }

  /// The squared length `yᵀDy` of the last change y, with the scales D.
  private func lengthOfLastChange(
    _ change: FloatBuffer, scales: FloatBuffer?, in space: VectorSpace
  ) -> Double {
    guard let scales else { return space.dot(change, change) }
    let scaled = space.takeArchived()
    defer { space.giveBack(scaled) }
    space.multiply(change, scales, into: scaled)
    return space.dot(change, scaled)
  }

  /// Adapts the pairs to a function that became steeper by a factor.
  mutating func steepen(by factor: Double, in space: VectorSpace) {
    for i in pairs.indices {
      let change = pairs[i].vectors.change
      space.scale(change, by: Float(factor), into: change)
      pairs[i].product *= factor
    }
  }

  /// Drops the oldest pair.
  mutating func forgetOldest(in space: VectorSpace) {
    discard(pairs.removeFirst().vectors, to: space)
  }

  /// Drops all pairs.
  mutating func forget(in space: VectorSpace) {
    for (pair, _) in pairs { discard(pair, to: space) }
    pairs = []
  }

  /// The pairs by their numbers, the oldest first.
  var state: OptimizerState {
    var state = OptimizerState()
    for (index, (vectors, product)) in pairs.enumerated() {
      state.vectors["step \(index)"] = vectors.step
      state.vectors["change \(index)"] = vectors.change
      state.numbers["product \(index)"] = product
    }
    return state
  }

  /// Makes the history of a state.
  ///
  /// - Throws: `CheckpointError` for the state of another optimizer.
  init(_ state: OptimizerState, atMost count: Int, in space: VectorSpace) throws {
    guard state.numbers.count <= count else { throw CheckpointError() }
    for index in 0..<state.numbers.count {
      guard let product = state.numbers["product \(index)"],
        let step = try state.vector("step \(index)", in: space),
        let change = try state.vector("change \(index)", in: space)
      else { throw CheckpointError() }
      let pair = Pair(step: space.archived(step), change: space.archived(change))
      pairs.append((pair, product))
    }
  }

  init() {}

  private func discard(_ pair: Pair, to space: VectorSpace) {
    space.giveBack(pair.step)
    space.giveBack(pair.change)
  }
}
