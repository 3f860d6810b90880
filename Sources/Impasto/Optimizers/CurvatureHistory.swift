import Tensors

/// The last steps of an optimisation with the changes of the gradient over them, which
/// approximate the inverse Hessian: Nocedal and Wright (2006), algorithm 7.4.
///
/// The algorithm's two loops go through the vectors four times. They work here on the
/// factors of a sum of vectors instead, for which the vectors' products with one another
/// are enough: Chen, Wang and Zhou, "Large-scale L-BFGS using MapReduce" (2014). The vectors are
/// read once for the products with the new ones, and once for the sum.
struct CurvatureHistory: Sendable {
  /// A step and the gradient's change over it.
  struct Pair: Sendable {
    let step: FloatBuffer
    let change: FloatBuffer
  }

  private var pairs: [Pair] = []
  /// The products of all vectors: steps, changes, and the gradient, in this order.
  private var products: [[Double]] = [[0]]

  /// The number of pairs.
  var count: Int { pairs.count }

  /// Takes the gradient at a new point, and the pair that led there, unless it says nothing
  /// of the curvature.
  mutating func update(gradient: FloatBuffer, newPair: Pair?, in space: VectorSpace) {
    let known = pairs.flatMap { [$0.step, $0.change] }
    let new = (newPair.map { [$0.step, $0.change] } ?? []) + [gradient]
    let dots = space.dots(new, known + new)
    if let newPair {
      let (step, change) = (dots[0], dots[1])
      let isUseful = step[known.count + 1] > 1e-10 * change[known.count + 1].squareRoot()
      if isUseful {
        append(newPair, step: step, change: change)
      } else {
        discard(newPair, to: space)
      }
      // The gradient's products with what is kept.
      let kept = dots[2].prefix(known.count + (isUseful ? 2 : 0)) + [dots[2][known.count + 2]]
      setGradient(Array(kept))
    } else {
      setGradient(dots[0])
    }
  }

  /// Writes the negative gradient times the approximated inverse Hessian.
  ///
  /// - Returns: its product with the gradient: the slope.
  func setDirection(_ direction: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace)
    -> Double
  {
    let last = products.count - 1
    var factors = [Double](repeating: 0, count: products.count)
    factors[last] = -1
    func product(_ vector: Int) -> Double {
      zip(products[vector], factors).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var alphas: [Double] = []
    for pair in pairs.indices.reversed() {
      let (step, change) = (2 * pair, 2 * pair + 1)
      let alpha = product(step) / products[step][change]
      factors[change] -= alpha
      alphas.append(alpha)
    }
    if !pairs.isEmpty {
      let (step, change) = (last - 2, last - 1)
      let scale = products[step][change] / products[change][change]
      for index in factors.indices { factors[index] *= scale }
    }
    for (pair, alpha) in zip(pairs.indices, alphas.reversed()) {
      let (step, change) = (2 * pair, 2 * pair + 1)
      factors[step] += alpha - product(change) / products[step][change]
    }
    space.combine(
      pairs.flatMap { [$0.step, $0.change] } + [gradient], factors.map { Float($0) },
      into: direction)
    return product(last)
  }

  /// Drops the oldest pair; the next `update` brings a new gradient.
  mutating func forgetOldest(in space: VectorSpace) {
    discard(pairs.removeFirst(), to: space)
    products = products.dropFirst(2).map { Array($0.dropFirst(2)) }
  }

  mutating func forget(in space: VectorSpace) {
    for pair in pairs { discard(pair, to: space) }
    pairs = []
    products = [[0]]
  }

  private func discard(_ pair: Pair, to space: VectorSpace) {
    space.giveBack(pair.step)
    space.giveBack(pair.change)
  }

  /// Puts a pair before the gradient, with its products with all pairs and itself.
  private mutating func append(_ pair: Pair, step: [Double], change: [Double]) {
    let known = 2 * pairs.count
    pairs.append(pair)
    products.removeLast()
    for index in 0..<known {
      products[index].removeLast()
      products[index] += [step[index], change[index], 0]
    }
    products.append(Array(step[0..<known + 2]) + [0])
    products.append(Array(change[0..<known + 2]) + [0])
    products.append([])
  }

  /// Sets the last row and column.
  private mutating func setGradient(_ row: [Double]) {
    products[products.count - 1] = row
    for index in 0..<row.count - 1 { products[index][row.count - 1] = row[index] }
  }
}
