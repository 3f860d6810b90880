/// Instance normalization, which normalizes each channel of a picture to mean 0 and variance 1, and
/// then applies a scale and a shift.
///
/// `output = scale · (input - mean) / √(variance + epsilon) + shift`, with the biased variance
/// (Ulyanov, Vedaldi and Lempitsky 2016, "Instance normalization: the missing ingredient for fast
/// stylization").
///
/// - Input: `[height, width, channels]`, and with `Scaling.inputs` two of `[1, 1, channels]`, the
///   scale and the shift.
/// - Output: `[height, width, channels]`.
/// - Parameters: with `Scaling.parameters` the scale and the shift, `[rows, channels]` each.
/// - Statistics: `[4, channels]`: the means, and 1 divided by the standard deviations; of the backward
///   pass the sums of the upstream gradients, and of their products with the normalized inputs.
package struct InstanceNorm: Operation {
  /// The source of the scale and the shift.
  package enum Scaling: Sendable, Hashable {
    /// A scale of 1 and a shift of 0.
    case none
    /// Parameters `[rows, channels]`.
    ///
    /// With several rows, one for each style, `NodeMemory.rows` selects one or blends them:
    /// conditional instance normalization (Dumoulin, Shlens and Kudlur 2017, "A learned
    /// representation for artistic style"). A single row is used for any selection.
    case parameters(scale: Parameter, shift: Parameter, rows: Int = 1)
    /// The second and third input of the node (Ghiasi et al. 2017, "Exploring the structure of a
    /// real-time, arbitrary neural artistic stylization network").
    case inputs
  }

  package let channels: Int
  /// A constant added to the variance, for numerical stability.
  package let epsilon: Float
  package let scaling: Scaling

  package init(channels: Int, epsilon: Float = 1e-5, scaling: Scaling) {
    self.channels = channels
    self.epsilon = epsilon
    self.scaling = scaling
  }

  package var parameters: [Parameter] {
    if case .parameters(let scale, let shift, _) = scaling { [scale, shift] } else { [] }
  }

  package var saved: Saved { .inputs }

  package func statisticsCount(of inputs: [MapShape]) -> Int { 4 * channels }

  package func outputShape(of inputs: [MapShape], node: Graph.Node) throws -> MapShape {
    guard inputs.count == (scaling == .inputs ? 3 : 1) else {
      throw GraphError(node: node, "needs \(scaling == .inputs ? "three inputs" : "one input")")
    }
    guard inputs[0].channels == channels, inputs[0].positions > 0 else {
      throw GraphError(
        node: node, "needs a map of \(channels) channels, not of \(inputs[0].channels)")
    }
    let vector = MapShape(height: 1, width: 1, channels: channels)
    guard inputs.dropFirst().allSatisfy({ $0 == vector }) else {
      throw GraphError(node: node, "needs a scale and a shift of \(channels) channels")
    }
    return inputs[0]
  }

  // MARK: Forward

  package func forward(_ memory: NodeMemory, workspace: Workspace) {
    forward(memory, relu: false, addend: nil, given: nil, workspace: workspace)
  }

  /// Computes the norm together with what follows it.
  ///
  /// - Parameters:
  ///   - relu: whether a ReLU follows.
  ///   - addend: a map that is added, or nil.
  ///   - given: statistics to use instead of the map's own, or nil.
  func forward(
    _ memory: NodeMemory, relu: Bool, addend: UnsafePointer<Float>?, given: NormStatistics?,
    workspace: Workspace
  ) {
    if let given {
      memory.statistics.update(from: given.values(epsilon: epsilon), count: 2 * channels)
    } else {
      takeStatistics(memory, workspace: workspace)
    }
    let (input, output, channels) = (memory.inputs[0], memory.output, channels)
    let means = memory.statistics
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * channels) { factors in
      let (scale, shift) = (factors.baseAddress!, factors.baseAddress! + channels)
      writeScale(memory, to: scale)
      writeShift(memory, to: shift)
      for channel in 0..<channels { scale[channel] *= means[channels + channel] }
      let normalize = workspace.kernels.table.pointee.normalize!
      workspace.parallelRanges(
        memory.outputShape.positions, length: max(1, Self.blockValues / channels)
      ) { range in
        let first = range.lowerBound * channels
        normalize(
          range.count, channels, input + first, means, scale, shift, relu,
          addend.map { $0 + first }, output + first)
      }
    }
  }

  /// The number of values that a thread normalizes at a time.
  private static let blockValues = 1 << 14

  private func takeStatistics(_ memory: NodeMemory, workspace: Workspace) {
    let (input, positions, channels) = (memory.inputs[0], memory.inputShapes[0].positions, channels)
    let moments = workspace.kernels.table.pointee.moments!
    let sums = workspace.sum(positions: positions, values: 2 * channels) { range, sums in
      moments(
        range.count, channels, input + range.lowerBound * channels, sums, sums + channels)
    }
    let statistics = NormStatistics(
      sums: Array(UnsafeBufferPointer(start: sums, count: 2 * channels)), positions: positions)
    memory.statistics.update(from: statistics.values(epsilon: epsilon), count: 2 * channels)
  }

  /// Writes the scale of each channel.
  private func writeScale(_ memory: NodeMemory, to values: UnsafeMutablePointer<Float>) {
    switch scaling {
    case .none: values.update(repeating: 1, count: channels)
    case .parameters(_, _, let rows): blend(memory.parameters[0], rows, memory.rows, to: values)
    case .inputs: values.update(from: memory.inputs[1], count: channels)
    }
  }

  /// Writes the shift of each channel.
  private func writeShift(_ memory: NodeMemory, to values: UnsafeMutablePointer<Float>) {
    switch scaling {
    case .none: values.update(repeating: 0, count: channels)
    case .parameters(_, _, let rows): blend(memory.parameters[1], rows, memory.rows, to: values)
    case .inputs: values.update(from: memory.inputs[2], count: channels)
    }
  }

  /// Writes the selected row, or the blend of rows, of a parameter.
  private func blend(
    _ parameter: UnsafePointer<Float>, _ rows: Int, _ selection: RowSelection,
    to values: UnsafeMutablePointer<Float>
  ) {
    values.update(repeating: 0, count: channels)
    forEachRow(rows, selection) { row, weight in
      let from = parameter + row * channels
      for channel in 0..<channels { values[channel] += weight * from[channel] }
    }
  }

  /// Calls `body` for each selected row, with its weight.
  private func forEachRow(
    _ rows: Int, _ selection: RowSelection, _ body: (_ row: Int, _ weight: Float) -> Void
  ) {
    if rows == 1 { return body(0, 1) }
    switch selection {
    case .row(let row):
      precondition((0..<rows).contains(row), "There are \(rows) rows of parameters.")
      body(row, 1)
    case .blend(let weights):
      precondition(weights.count == rows, "There are \(rows) rows of parameters.")
      for (row, weight) in weights.enumerated() where weight != 0 { body(row, weight) }
    }
  }

  // MARK: Gradients

  /// Saves the sums over all positions, for each channel, of the upstream gradient and of its product
  /// with the normalized input.
  package func prepareBackward(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>, workspace: Workspace
  ) {
    let (input, channels) = (memory.inputs[0], channels)
    let statistics = Statistics(memory, channels: channels)
    let normSums = workspace.kernels.table.pointee.norm_sums!
    let sums = workspace.sum(
      positions: memory.inputShapes[0].positions, values: 2 * channels
    ) { range, sums in
      let first = range.lowerBound * channels
      normSums(
        range.count, channels, input + first, upstream + first, statistics.means,
        statistics.deviations, sums, sums + channels)
    }
    for channel in 0..<channels {
      statistics.gradients[channel] = Float(sums[channel])
      statistics.products[channel] = Float(sums[channels + channel])
    }
  }

  package func inputGradient(
    _ input: Int, _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradient: UnsafeMutablePointer<Float>, adding: Bool, workspace: Workspace
  ) {
    let statistics = Statistics(memory, channels: channels)
    if input > 0 {
      let sum = input == 1 ? statistics.products : statistics.gradients
      for channel in 0..<channels {
        gradient[channel] = (adding ? gradient[channel] : 0) + sum[channel]
      }
      return
    }
    let (map, channels) = (memory.inputs[0], channels)
    let positions = memory.inputShapes[0].positions
    let normGradient = workspace.kernels.table.pointee.norm_gradient!
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * channels) { factors in
      let scale = factors.baseAddress!
      let (constant, slope) = (scale + channels, scale + 2 * channels)
      writeScale(memory, to: scale)
      for channel in 0..<channels {
        let deviation = statistics.deviations[channel]
        scale[channel] *= deviation
        constant[channel] = statistics.gradients[channel] / Float(positions)
        slope[channel] = deviation * statistics.products[channel] / Float(positions)
      }
      workspace.parallelRanges(positions, length: max(1, Self.blockValues / channels)) { range in
        let first = range.lowerBound * channels
        normGradient(
          range.count, channels, map + first, upstream + first, statistics.means, scale, constant,
          slope, adding, gradient + first)
      }
    }
  }

  package func parameterGradient(
    _ memory: NodeMemory, upstream: UnsafePointer<Float>,
    into gradients: [UnsafeMutablePointer<Float>], workspace: Workspace
  ) {
    guard case .parameters(_, _, let rows) = scaling else { return }
    let statistics = Statistics(memory, channels: channels)
    forEachRow(rows, memory.rows) { row, weight in
      let (scale, shift) = (gradients[0] + row * channels, gradients[1] + row * channels)
      for channel in 0..<channels {
        scale[channel] += weight * statistics.products[channel]
        shift[channel] += weight * statistics.gradients[channel]
      }
    }
  }
}

/// The statistics of a norm in the engine's memory.
private struct Statistics {
  let means: UnsafeMutablePointer<Float>
  /// 1 divided by the standard deviations.
  let deviations: UnsafeMutablePointer<Float>
  /// The sums of the upstream gradients.
  let gradients: UnsafeMutablePointer<Float>
  /// The sums of the upstream gradients' products with the normalized inputs.
  let products: UnsafeMutablePointer<Float>

  init(_ memory: NodeMemory, channels: Int) {
    means = memory.statistics
    deviations = means + channels
    gradients = deviations + channels
    products = gradients + channels
  }
}
