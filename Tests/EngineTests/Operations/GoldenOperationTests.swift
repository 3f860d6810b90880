import Engine
import TestSupport
import Testing

/// Every operation beside PyTorch's.
@Suite struct GoldenOperationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    var parameters: [String] = []
    var rows = RowSelection.row(0)
    let make: @Sendable ([Parameter]) -> any Operation

    var testDescription: String { name }
  }

  private static func convolution(
    _ name: String, _ inputs: Int, _ outputs: Int, size: Int, stride: Int = 1, groups: Int = 1,
    _ padding: EdgePadding
  ) -> Case {
    Case(name: name, parameters: ["weight", "bias"]) {
      Convolution(
        inputs: inputs, outputs: outputs, size: size, stride: stride, padding: padding,
        groups: groups, weights: $0[0], bias: $0[1])
    }
  }

  private static func transposed(
    _ name: String, _ inputs: Int, _ outputs: Int, size: Int,
    _ alignment: TransposedConvolution.Alignment = .pyTorch
  ) -> Case {
    Case(name: name, parameters: ["weight", "bias"]) {
      TransposedConvolution(
        inputs: inputs, outputs: outputs, size: size, alignment: alignment, weights: $0[0],
        bias: $0[1])
    }
  }

  private static func norm(
    _ name: String, _ channels: Int, rows: Int, _ selection: RowSelection
  ) -> Case {
    Case(name: name, parameters: ["scale", "shift"], rows: selection) {
      InstanceNorm(
        channels: channels, epsilon: 1e-3,
        scaling: .parameters(scale: $0[0], shift: $0[1], rows: rows))
    }
  }

  private static let cases: [Case] = [
    convolution("conv_zero", 3, 5, size: 3, .same(size: 3, mode: .zero)),
    convolution("conv_reflect_9", 3, 4, size: 9, .same(size: 9, mode: .reflect)),
    convolution("conv_reflect_stride", 4, 6, size: 3, stride: 2, .same(size: 3, mode: .reflect)),
    convolution(
      "conv_replicate_edges", 5, 3, size: 5, stride: 2,
      EdgePadding(mode: .replicate, top: 0, left: 3, bottom: 2, right: 1)),
    convolution(
      "conv_same_stride", 3, 4, size: 3, stride: 2,
      EdgePadding(mode: .zero, top: 0, left: 0, bottom: 1, right: 1)),
    convolution("conv_1", 6, 5, size: 1, .same(size: 1, mode: .zero)),
    convolution("depthwise", 6, 6, size: 3, groups: 6, .same(size: 3, mode: .zero)),
    convolution(
      "depthwise_stride", 5, 5, size: 3, stride: 2, groups: 5,
      EdgePadding(mode: .reflect, top: 0, left: 1, bottom: 1, right: 0)),
    transposed("transposed", 5, 3, size: 3),
    transposed("transposed_5", 2, 4, size: 5),
    transposed("transposed_tensorflow", 5, 3, size: 3, .tensorFlow),
    Case(name: "norm") { _ in InstanceNorm(channels: 4, epsilon: 1e-3, scaling: .none) },
    norm("norm_affine", 5, rows: 1, .row(0)),
    norm("norm_blend", 4, rows: 3, .blend([0.5, 0, 0.25])),
    norm("norm_row", 4, rows: 3, .row(2)),
    Case(name: "norm_inputs") { _ in InstanceNorm(channels: 6, epsilon: 1e-3, scaling: .inputs) },
    Case(name: "affine") { _ in Affine(scale: [2, 0.5, -3], offset: [1, -2, 0.25]) },
    Case(name: "relu") { _ in ReLU() },
    Case(name: "sigmoid") { _ in Sigmoid() },
    Case(name: "tanh") { _ in Tanh() },
    Case(name: "clip") { _ in Clip(-0.5...0.75) },
    Case(name: "average") { _ in WindowPooling(pooling: .average) },
    Case(name: "average_up") { _ in WindowPooling(pooling: .average, roundingUp: true) },
    Case(name: "max") { _ in WindowPooling(pooling: .max) },
    Case(name: "max_up") { _ in WindowPooling(pooling: .max, roundingUp: true) },
    Case(name: "max_ties") { _ in WindowPooling(pooling: .max) },
    Case(name: "global_average") { _ in GlobalPooling(pooling: .average) },
    Case(name: "global_max") { _ in GlobalPooling(pooling: .max) },
    Case(name: "upsampling") { _ in Upsampling() },
    Case(name: "add") { _ in Add() },
    Case(name: "multiply") { _ in Multiply() },
    Case(name: "multiply_channels") { _ in Multiply() },
    Case(name: "slice") { _ in Slice(channels: 2..<5) },
  ]

  @Test(arguments: cases)
  func agreesWithPyTorch(test: Case) throws {
    let golden = Golden.operations
    let names = ["input", "input1", "input2"].filter { golden.has("\(test.name).\($0)") }
    let inputs = names.map { name in
      let tensor = golden["\(test.name).\(name)"]
      return Naive.Map(
        height: tensor.shape[0], width: tensor.shape[1], channels: tensor.shape[2],
        values: tensor.elements.map(Double.init))
    }
    let parameters = test.parameters.map {
      golden.stored("\(test.name).\($0)").elements.map(Double.init)
    }
    for kernels in Kernels.available {
      let run = try OperationRun(
        inputs: inputs, parameters: parameters, upstream: golden["\(test.name).upstream"].elements,
        rows: test.rows, kernels: kernels, test.make)
      let output = golden["\(test.name).output"]
      #expect(
        [run.outputShape.height, run.outputShape.width, run.outputShape.channels] == output.shape)
      #expect(relativeError(run.output, output.elements) < 1e-5)
      for (name, gradient) in zip(names, run.inputGradients) {
        let expected = golden["\(test.name).grad_\(name)"].elements
        #expect(relativeError(gradient, expected) < 1e-5, "\(name)")
      }
      for (name, gradient) in zip(test.parameters, run.parameterGradients) {
        let expected = golden.stored("\(test.name).grad_\(name)").elements
        #expect(relativeError(gradient, expected) < 1e-5, "\(name)")
      }
    }
  }
}
