/// The buffers of a plan, for the map and the gradient of every step.
///
/// Time is counted in steps: step `i` of `n` runs forward at time `i` and backward at time
/// `2n - 1 - i`. A map lives until its last reader, in either direction.
struct PlanMemory {
  /// The buffers that a step writes.
  struct Entry {
    let map: FloatBuffer
    /// The gradient with respect to the map, or to the input of the step's ReLU if it has one. It
    /// may be the map's buffer.
    let gradient: FloatBuffer?
    /// The convolution's value before its ReLU, if the caller reads it.
    let preactivation: FloatBuffer?
  }

  let entries: [Entry]

  init(_ plan: Plan, flow: GradientFlow) {
    let (buffers, numbers) = Self.layout(plan, flow)
    let all = buffers.buffers()
    entries = numbers.map { numbers in
      Entry(
        map: all[numbers.map], gradient: numbers.gradient.map { all[$0] },
        preactivation: numbers.preactivation.map { all[$0] })
    }
  }

  /// The number of elements of all buffers of a plan.
  static func count(_ plan: Plan) -> Int { layout(plan, GradientFlow(plan)).buffers.count }

  /// The indices of a step's buffers.
  private typealias Numbers = (map: Int, gradient: Int?, preactivation: Int?)

  private static func layout(_ plan: Plan, _ flow: GradientFlow) -> (
    buffers: BufferPlan, numbers: [Numbers]
  ) {
    var buffers = BufferPlan()
    let end = 2 * plan.steps.count
    let numbers = plan.steps.enumerated().map { index, step -> Numbers in
      let count = plan.shapes[step.output.index].count
      let readers = flow.readers(of: step.output)
      let lastForward = max(index, readers.last ?? index)
      let hasGradient = flow.needsGradient(step.output)
      // The caller reads a tapped value after the forward pass.
      let isTapped = plan.features.contains(step.output)
      var last = isTapped ? end / 2 : lastForward
      if hasGradient { last = max(last, flow.lastBackwardRead(ofStep: index) ?? 0) }
      let isInPlace = flow.gradientReplacesMap(ofStep: index)
      let ownBackward = end - 1 - index
      let map = buffers.add(count: count, moments: index...(isInPlace ? ownBackward : last))
      var gradient: Int?
      if isInPlace {
        gradient = map
      } else if hasGradient {
        let firstWrite = readers.last.map { end - 1 - $0 } ?? ownBackward
        gradient = buffers.add(count: count, moments: firstWrite...ownBackward)
      }
      let preactivation = step.preactivation.map { _ in
        buffers.add(count: count, moments: index...end)
      }
      return (map: map, gradient: gradient, preactivation: preactivation)
    }
    return (buffers, numbers)
  }
}
