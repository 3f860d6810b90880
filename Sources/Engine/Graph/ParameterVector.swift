/// The parameters of a graph in one buffer, and their gradients in another.
///
/// An optimizer, or a reduction across machines, sees two plain vectors. Convolutions cache their
/// weights in packed form: call `invalidate()` after changing values.
package final class ParameterVector {
  package let descriptions: [ParameterDescription]
  /// The values, one parameter after the other in the graph's order.
  package let values: FloatBuffer
  /// The gradients, laid out as `values`. Backward passes add to them.
  package let gradients: FloatBuffer
  /// A counter that `invalidate()` increments.
  package private(set) var version = 0
  /// The precision of convolutions, which are packed when they are next needed.
  package var precision = PackedConvolution.Precision.high
  private let offsets: [Int]

  /// Creates the parameters of a graph, with values and gradients of zero.
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

  /// The total number of elements.
  package var count: Int { values.count }

  /// Invalidates packed weights. They are packed again when they are next needed.
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

  /// The parameter with a name; nil if there is none.
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
        precision: precision, workspace: workspace)
    }
    let bias = FloatBuffer([Float](repeating: 0, count: convolution.outputs))
    if let parameter = convolution.bias {
      bias.pointer.update(from: values(of: parameter), count: convolution.outputs)
    }
    return ConvolutionLayer(
      forward: packed(.forward), backward: hasBackward ? packed(.backward) : nil, bias: bias)
  }
}

/// A source of packed weights for convolutions of stride 1.
package protocol ConvolutionSource: AnyObject {
  /// A number that changes whenever the weights change.
  var version: Int { get }

  /// The weights and biases of a convolution, packed for the workspace's kernels.
  ///
  /// - Parameter hasBackward: whether input gradients will be computed.
  /// - Throws: errors in reading the weights, if they come from a file.
  func layer(_ convolution: Convolution, hasBackward: Bool, workspace: Workspace) throws
    -> ConvolutionLayer
}
