import Engine
import Foundation
import ModelFiles
import Networks
import TestSupport
import Testing

/// One-pass networks of every family and file format, against PyTorch and onnxruntime.
@Suite struct StylizerNetworkTests {
  /// The output of a network, cut to the picture's size.
  private func output(
    of network: StylizerNetwork, _ input: Tensor, rows: RowSelection = .row(0),
    style: [Float] = [], kernels: Kernels = Kernels.available[0]
  ) throws -> Tensor {
    let (height, width) = (input.shape[0], input.shape[1])
    let transformer = ResidualTransformer(network.transformer, height: height, width: width)
    var inputs = [transformer.input: MapShape(height: height, width: width, channels: 3)]
    if let value = transformer.style {
      inputs[value] = MapShape(height: 1, width: 1, channels: style.count)
    }
    let plan = try Plan(
      transformer.graph, inputs: inputs, features: [transformer.output], kernels: kernels)
    let executor = CPUExecutor(
      plan, parameters: network.parameters(of: transformer.graph),
      workspace: Workspace(kernels: kernels))
    executor.rows = rows
    let picture = FloatBuffer(input.elements)
    let vector = FloatBuffer(style)
    if transformer.style == nil {
      executor.forward(picture.pointer)
    } else {
      executor.forward(picture.pointer, vector.pointer)
    }
    withExtendedLifetime((picture, vector)) {}
    let shape = executor.shape(of: transformer.output)
    let map = UnsafeBufferPointer(start: executor.map(transformer.output), count: shape.count)
    return Tensor(shape: [shape.height, shape.width, 3], elements: Array(map))
  }

  private func expectSame(
    _ actual: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let (width, wide) = (expected.shape[1], actual.shape[1])
    let cut = (0..<expected.shape[0]).flatMap { y in
      actual.elements[3 * y * wide..<3 * (y * wide + width)]
    }
    #expect(
      relativeError(cut, expected.elements) < 1e-4, sourceLocation: sourceLocation)
  }

  @Test(arguments: StylizerFiles.johnson) func johnsonMatchesPyTorch(file: String) throws {
    let network = try StylizerNetwork(path: StylizerFiles.path(file))
    #expect(network.styles == .single)
    for name in ["johnson", "johnson-even"] {
      let input = try StylizerFiles.expected("\(name).input")
      let expected = try StylizerFiles.expected("\(name).output")
      expectSame(try output(of: network, input), expected)
    }
  }

  /// The fused norms and the narrow convolutions of every instruction set.
  @Test(arguments: Kernels.available.map(\.name)) func allKernelsMatchPyTorch(name: String) throws {
    let network = try StylizerNetwork(path: StylizerFiles.path("johnson.pth"))
    let kernels = Kernels.available.first { $0.name == name }!
    expectSame(
      try output(of: network, StylizerFiles.expected("johnson.input"), kernels: kernels),
      try StylizerFiles.expected("johnson.output"))
  }

  @Test func blendedRowsMatchPyTorch() throws {
    let network = try StylizerNetwork(path: StylizerFiles.path("rows.onnx"))
    #expect(network.styles == .several(5))
    expectSame(
      try output(
        of: network, StylizerFiles.expected("rows.input"), rows: .blend([0, 0.25, 0, 0.75, 0])),
      try StylizerFiles.expected("rows.output"))
  }

  @Test func rawVariablesMatchPyTorch() throws {
    let network = try StylizerNetwork(path: StylizerFiles.path("variables"))
    expectSame(
      try output(of: network, StylizerFiles.expected("variables.input")),
      try StylizerFiles.expected("variables.output"))
  }

  /// Weights of 8 bits are dequantized, and the quantization of maps is dropped.
  @Test func predictedNormsMatchTheDequantizedGraph() throws {
    let network = try StylizerNetwork(
      path: StylizerFiles.path("arbitrary.onnx"), predictor: StylizerFiles.path("predictor.onnx"))
    #expect(network.styles == .arbitrary)
    let vector = try StylizerFiles.expected("arbitrary.vector").elements
    expectSame(
      try output(of: network, StylizerFiles.expected("arbitrary.input"), style: vector),
      try StylizerFiles.expected("arbitrary.output"))
    let painting = try StylizerFiles.expected("arbitrary.painting")
    let predictor = StylePredictor(network.predictor!)
    let plan = try Plan(
      predictor.graph,
      inputs: [predictor.input: MapShape(height: 256, width: 256, channels: 3)],
      features: [predictor.output], kernels: Kernels.available[0])
    let executor = CPUExecutor(
      plan, parameters: network.parameters(of: predictor.graph),
      workspace: Workspace(kernels: Kernels.available[0]))
    let input = FloatBuffer(painting.elements)
    executor.forward(input.pointer)
    withExtendedLifetime(input) {}
    let found = UnsafeBufferPointer(start: executor.map(predictor.output), count: vector.count)
    #expect(relativeError(Array(found), vector) < 1e-4)
  }

  /// Writes a network, and returns the path.
  private func written(_ network: StylizerNetwork) throws -> String {
    var data = Data()
    try network.write(precision: .single, metadata: [:]) { data += $0 }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).safetensors")
    try data.write(to: file)
    return file.path
  }

  @Test(arguments: ["johnson.pth", "rows.onnx", "variables"])
  func ownFilesKeepTheNetwork(file: String) throws {
    let network = try StylizerNetwork(path: StylizerFiles.path(file))
    let path = try written(network)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let read = try StylizerNetwork(path: path)
    #expect(read.transformer == network.transformer)
    #expect(read.weights == network.weights)
  }

  @Test func styleNamesMustBeAsManyAsStyles() throws {
    let network = try StylizerNetwork(path: StylizerFiles.path("rows.onnx"))
    let names = ["a", "b", "c", "d", "e"]
    let path = try written(network.named(names, path: "rows.onnx"))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try StylizerNetwork(path: path).styleNames == names)
    #expect(throws: ModelFileError.self) { try network.named(["a"], path: "rows.onnx") }
  }

  @Test(arguments: [
    ("predictor.onnx", "3 of them depthwise"), ("expected.safetensors", "does not turn pictures"),
  ])
  func otherFilesAreNamed(file: String, text: String) throws {
    let error = #expect(throws: ModelFileError.self) {
      try StylizerNetwork(path: StylizerFiles.path(file))
    }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains(file) && message.contains(text), "\(message)")
  }

  /// Damage never causes a crash, and errors name the file.
  @Test(arguments: ["rows.onnx", "johnson-11.onnx", "arbitrary.onnx", "johnson.pth"])
  func damageIsAnErrorThatNamesTheFile(name: String) throws {
    let errors = try DamagedFile.errors(in: StylizerFiles.path(name)) { path, _ in
      _ = try StylizerNetwork(path: path)
    }
    for (path, error) in errors where !"\(error)".contains(path) || "\(error)".utf8.count > 1000 {
      Issue.record("\(error)")
    }
    #expect(!errors.isEmpty && errors.allSatisfy { $0.error is ModelFileError })
  }
}
