import Engine
import Networks
import TestSupport
import Testing

/// Compares Johnson's network with random weights with PyTorch, forward and backward.
@Suite struct ResidualTransformerTests {
  private let golden = Golden.residual
  private let network = ResidualTransformer(baseChannels: 8)

  private func parameters() -> ParameterVector {
    let parameters = ParameterVector(network.graph)
    for description in parameters.descriptions {
      let values = golden.stored(description.name)
      #expect(values.shape == description.shape, "\(description.name)")
      parameters.values(of: parameters.parameter(named: description.name)!)
        .update(from: values.elements, count: description.count)
    }
    parameters.invalidate()
    return parameters
  }

  /// The pictures of a batch run one after the other, and the gradients of parameters are summed.
  @Test(arguments: ["square", "wide", "batch"], Kernels.available.map(\.name))
  func outputsAndGradientsMatchPyTorch(name: String, kernelsName: String) throws {
    let kernels = Kernels.available.first { $0.name == kernelsName }!
    let inputs = golden.batch("\(name).input")
    let outputs = golden.batch("\(name).output")
    let upstreams = golden.batch("\(name).upstream")
    let inputGradients = golden.batch("\(name).grad_input")
    let parameters = parameters()
    let (height, width) = (inputs[0].shape[0], inputs[0].shape[1])
    let plan = try Plan(
      network.graph,
      inputs: [network.input: MapShape(height: height, width: width, channels: 3)],
      features: [network.output], gradients: [.inputs, .parameters], kernels: kernels)
    let executor = CPUExecutor(
      plan, parameters: parameters, workspace: Workspace(kernels: kernels))
    for index in inputs.indices {
      let input = FloatBuffer(inputs[index].elements)
      let upstream = FloatBuffer(upstreams[index].elements)
      let gradient = FloatBuffer(count: input.count)
      executor.forward(input.pointer)
      let output = UnsafeBufferPointer(
        start: executor.map(network.output), count: outputs[index].elements.count)
      #expect(relativeError(Array(output), outputs[index].elements) < 1e-4)
      executor.backward(
        [network.output: LocalGradient(upstream: [UnsafePointer(upstream.pointer)])],
        of: input.pointer, into: [gradient.pointer])
      #expect(relativeError(gradient.elements, inputGradients[index].elements) < 1e-3)
      withExtendedLifetime((input, upstream)) {}
    }
    let expected = parameters.descriptions.map { golden.stored("\(name).grad.\($0.name)").elements }
    // The exact gradient of a bias before a norm is zero, so its error is relative to the others.
    let largest = expected.joined().map(abs).max()!
    for (description, expected) in zip(parameters.descriptions, expected) {
      let gradient = parameters.gradient(of: parameters.parameter(named: description.name)!)
      let error = expected.indices.map { abs(gradient[$0] - expected[$0]) }.max()!
      let scale = max(expected.map(abs).max()!, 1e-4 * largest)
      #expect(error < 1e-3 * scale, "\(description.name)")
    }
  }
}
