/// All parameters of a graph in one buffer, and all of their gradients in another, so that an
/// optimizer or a reduction across machines sees two plain vectors.
///
/// Weights that convolutions have packed for the kernels are a cache of the values. Whoever
/// changes a value must call `invalidate()`.
package final class ParameterVector {
  package let descriptions: [ParameterDescription]
  /// The values, one parameter after the other in the graph's order.
  package let values: FloatBuffer
  /// The gradients, laid out as `values`. Backward passes add to them.
  package let gradients: FloatBuffer
  /// Grows with every `invalidate()`.
  package private(set) var version = 0
  private let offsets: [Int]

  /// Makes the parameters of a graph. Values and gradients are zero.
  package init(_ graph: Graph) {
    descriptions = graph.parameters
    var end = 0
    offsets = descriptions.map { description in
      defer { end += description.count }
      return end
    }
    values = FloatBuffer(count: end)
    gradients = FloatBuffer(count: end)
    values.pointer.update(repeating: 0, count: end)
    gradients.pointer.update(repeating: 0, count: end)
  }

  /// The number of all elements.
  package var count: Int { values.count }

  /// Says that values have changed: packed weights are made anew when they are next needed.
  package func invalidate() { version += 1 }

  /// Sets all gradients to zero.
  package func clearGradients() { gradients.pointer.update(repeating: 0, count: count) }

  /// The values of a parameter.
  package func values(of parameter: Parameter) -> UnsafeMutablePointer<Float> {
    values.pointer + offsets[parameter.index]
  }

  /// The gradient of a parameter.
  package func gradient(of parameter: Parameter) -> UnsafeMutablePointer<Float> {
    gradients.pointer + offsets[parameter.index]
  }

  /// The index of the parameter of a name; nil if there is none.
  package func parameter(named name: String) -> Parameter? {
    descriptions.firstIndex { $0.name == name }.map(Parameter.init)
  }
}

extension ParameterVector: ConvolutionSource {
  package func layer(
    _ convolution: Convolution, hasBackward: Bool, workspace: Workspace
  ) -> ConvolutionLayer {
    let weights = FloatBuffer(
      UnsafeBufferPointer(
        start: values(of: convolution.weights),
        count: descriptions[convolution.weights.index].count))
    func packed(_ direction: PackedConvolution.Direction) -> PackedConvolution {
      PackedConvolution(
        weights: weights, shape: convolution.weightShape, direction: direction,
        padding: convolution.padding.mode,
        precision: .high, workspace: workspace)
    }
    let bias = FloatBuffer([Float](repeating: 0, count: convolution.outputs))
    if let parameter = convolution.bias {
      bias.pointer.update(from: values(of: parameter), count: convolution.outputs)
    }
    return ConvolutionLayer(
      forward: packed(.forward), backward: hasBackward ? packed(.backward) : nil, bias: bias)
  }
}

/// Where an executor gets the packed weights of convolutions of stride 1.
package protocol ConvolutionSource: AnyObject {
  /// Changes whenever weights have changed.
  var version: Int { get }

  /// The weights and biases of a convolution, packed for the workspace's kernels.
  ///
  /// - Parameter hasBackward: whether input gradients will be computed.
  /// - Throws: where weights come from a file, its errors.
  func layer(_ convolution: Convolution, hasBackward: Bool, workspace: Workspace) throws
    -> ConvolutionLayer
}
