import Files
import Foundation
import ModelFiles

/// The convolutions of a VGG network among a file's tensors, in forward order and independent of
/// their names.
struct ConvolutionTensors {
  /// The tensors of the 3x3 convolutions.
  let names: [ModelFile.ConvolutionNames]
  /// The tensors of a 1x1 convolution of the picture before the 3x3 ones, as in AdaIN's network.
  let colorTransform: ModelFile.ConvolutionNames?
  let layout: KernelLayout
  let architecture: Architecture

  /// The order of a kernel's dimensions.
  enum KernelLayout: String {
    /// Outputs, inputs, height, width.
    case oihw = "OIHW"
    /// Height, width, inputs, outputs.
    case hwio = "HWIO"

    /// The outputs, inputs and size of a square kernel; nil for any other kernel.
    func dimensions(_ shape: [Int]) -> (outputs: Int, inputs: Int, size: Int)? {
      let (height, width) = self == .oihw ? (shape[2], shape[3]) : (shape[0], shape[1])
      guard height == width else { return nil }
      return self == .oihw ? (shape[0], shape[1], height) : (shape[3], shape[2], height)
    }
  }

  /// The suffixes of weights' and biases' names that frameworks write.
  private static let suffixes = [
    (".weight", ".bias"), ("_weight", "_bias"), ("/kernel:0", "/bias:0"), ("/kernel", "/bias"),
    ("_W_1:0", "_b_1:0"), ("_W:0", "_b:0"), ("_W", "_b"), ("_w_0", "_b_0"),
    (".weights", ".biases"), ("_weights", "_biases"), ("/param_0", "/param_1"),
    ("/vars/0", "/vars/1"),
  ]

  /// Far more channels than a network has; a file may announce more than it holds.
  private static let mostChannels = 1 << 16

  /// Finds the convolutions in a file.
  ///
  /// - Throws: `ModelFileError.unsupported` with the file's content as the reason, and
  ///   `.missingTensor` for a convolution without biases.
  init(_ file: ModelFile) throws {
    do {
      try self.init(vgg: file)
    } catch let error as ModelFileError {
      guard ImageTransformer.isLikely(file) else { throw error }
      throw ModelFileError.unsupported(
        path: file.path,
        reason: "a feed-forward style network, which this command cannot use; it needs VGG-16 or "
          + "VGG-19")
    }
  }

  private init(vgg file: ModelFile) throws {
    func unsupported(_ reason: String) -> ModelFileError {
      .unsupported(path: file.path, reason: reason)
    }
    guard !file.tensors.keys.contains(where: { $0.hasSuffix("running_mean") }) else {
      throw unsupported(
        "batch normalization is not supported; use VGG-16 or VGG-19 without it"
      )
    }
    var names = Self.kernels(in: file)
    let shapes = names.map { file.tensors[$0.weight]!.shape }
    guard let layout = Self.layout(of: shapes) else {
      throw unsupported(
        "not a VGG network: none of its \(file.tensors.count) tensors is a 3x3 kernel with three "
          + "input channels")
    }
    self.layout = layout
    var sizes = shapes.map { layout.dimensions($0) ?? (0, 0, 0) }
    if sizes[0] == (3, 3, 1) {
      colorTransform = names.removeFirst()
      sizes.removeFirst()
    } else {
      colorTransform = nil
    }
    // Other kernels are fully connected layers saved as convolutions, or score layers.
    let kept = sizes.indices.filter { sizes[$0].size == 3 }
    self.names = kept.map { names[$0] }
    architecture = try Self.architecture(of: kept.map { sizes[$0] }, unsupported)
    for (name, size) in zip(self.names, kept.map { sizes[$0] })
    where file.tensors[name.bias]?.shape != [size.outputs] {
      throw ModelFileError.missingTensor(
        path: file.path, name: name.bias, expected: [size.outputs])
    }
  }

  /// Whether a shape is that of a fully connected layer's weights: a matrix, or a kernel of the
  /// last map's size.
  func isFullyConnected(_ shape: [Int]) -> Bool {
    switch shape.count {
    case 2: true
    case 4: layout.dimensions(shape).map { $0.size > 3 } ?? true
    default: false
    }
  }

  /// All kernels, each with the name that its bias must have.
  private static func kernels(in file: ModelFile) -> [ModelFile.ConvolutionNames] {
    if let convolutions = file.convolutions {
      return convolutions.filter { file.tensors[$0.weight]?.shape.count == 4 }
    }
    let names = file.tensors.filter { $0.value.shape.count == 4 }.keys
    return names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
      .compactMap { name in
        suffixes.first { name.hasSuffix($0.0) }.map {
          ModelFile.ConvolutionNames(weight: name, bias: name.dropLast($0.0.count) + $0.1)
        }
      }
  }

  /// Detects the order of dimensions from the three input channels of the first kernel.
  private static func layout(of shapes: [[Int]]) -> KernelLayout? {
    guard let first = shapes.first else { return nil }
    if first == [1, 1, 3, 3] { return .hwio }
    if first == [3, 3, 1, 1] || (first[1...] == [3, 3, 3] && first[0] != 3) { return .oihw }
    return first[..<3] == [3, 3, 3] ? .hwio : nil
  }

  /// The network whose first convolutions have these sizes.
  ///
  /// A network may end early. The complete one goes before the beginning of another.
  private static func architecture(
    of sizes: [(outputs: Int, inputs: Int, size: Int)],
    _ unsupported: (String) -> ModelFileError
  ) throws -> Architecture {
    let inputs = [3] + sizes.map(\.outputs).dropLast()
    for (number, size) in sizes.enumerated()
    where size.inputs != inputs[number] || !(1...mostChannels ~= size.outputs) {
      throw unsupported(
        "not a VGG network: convolution \(number + 1) has \(size.inputs) inputs and "
          + "\(size.outputs) outputs, which do not follow from the one before it")
    }
    let channels = sizes.map(\.outputs)
    let fitting = [Architecture.vgg19, .vgg16].compactMap { $0.beginning(channels: channels) }
    guard let architecture = fitting.first(where: { !$0.endsEarly }) ?? fitting.first else {
      throw unsupported(
        "not the beginning of VGG-16 or VGG-19: the outputs of its \(sizes.count) 3x3 "
          + "convolutions do not fit their blocks")
    }
    return architecture
  }
}
