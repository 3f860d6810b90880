import Engine
import Files
import ModelFiles

/// The convolutions of a VGG network in a file of any format.
///
/// The architecture, the order of the kernels' dimensions, and the preprocessing are detected from
/// the file's content.
public struct VGGWeights: Sendable {
  /// The file that holds the weights.
  public let file: ModelFile
  /// The network's architecture.
  public let architecture: Architecture
  /// The input format of the first convolution.
  public let convention: InputConvention
  /// The reason for `convention`, as a clause for messages.
  public let evidence: String
  /// The padding of every convolution.
  public let padding: Padding
  /// Whether pooling layers keep the last row and column of an odd map.
  public let poolingRoundsUp: Bool
  /// Whether the file also holds fully connected layers, which are not used.
  public let hasFullyConnectedLayers: Bool
  /// The order of a kernel's dimensions in the file.
  public var kernelLayout: String { layout.rawValue + (isFlipped ? ", flipped in space" : "") }
  private let layout: ConvolutionTensors.KernelLayout
  /// Whether the file stores kernels rotated by 180°, because Theano's convolutions flip them.
  private let isFlipped: Bool
  private let names: [Layer: ModelFile.ConvolutionNames]
  private let colorTransform: ModelFile.ConvolutionNames?

  /// Detects the network in a file.
  ///
  /// - Parameter convention: the input format; nil to detect it.
  /// - Throws: `ModelFileError` unless the file holds VGG-16 or VGG-19, and
  ///   `NetworkError.unknownPreprocessing` if the input format cannot be detected.
  public init(_ file: ModelFile, convention: InputConvention? = nil) throws {
    let tensors = try ConvolutionTensors(file)
    self.file = file
    architecture = tensors.architecture
    layout = tensors.layout
    hasFullyConnectedLayers = file.tensors.values.contains { tensors.isFullyConnected($0.shape) }
    colorTransform = tensors.colorTransform
    isFlipped =
      file.format == .hdf5 && layout == .oihw && file.metadata["keras.backend"] != "tensorflow"
    let layers = architecture.layers.filter { $0.kind == .convolution }
    names = Dictionary(uniqueKeysWithValues: zip(layers, tensors.names))
    // Only AdaIN's network has a color transform; AdaIN was trained with reflection padding.
    let isAdaIN = colorTransform != nil
    padding = file.metadata[Metadata.padding].flatMap(Padding.init) ?? (isAdaIN ? .reflect : .zero)
    poolingRoundsUp = file.metadata[Metadata.rounding].map { $0 == "up" } ?? isAdaIN
    let weights = try Self.kernel(tensors.names[0], file, layout, isFlipped)
    (self.convention, evidence) = try Self.convention(
      of: file, tensors, firstFilter: Array(weights.elements.prefix(27)), given: convention)
  }

  /// The kernel of a convolution, `[outputs, inputs, 3, 3]`. The inputs of the first one are red,
  /// green and blue.
  ///
  /// - Throws: `ModelFileError` if the kernel cannot be read.
  package func weights(of layer: Layer) throws -> FloatBuffer {
    let weights = try Self.kernel(names[layer]!, file, layout, isFlipped)
    guard layer.index == 0 else { return weights }
    if let colorTransform = try readColorTransform() {
      return colorTransform.folded(into: weights, outputs: layer.channels)
    }
    if convention.channelOrder == .bgr { Self.reverseInputs(of: weights) }
    return weights
  }

  /// The biases of a convolution.
  ///
  /// - Throws: `ModelFileError` if the biases cannot be read.
  package func biases(of layer: Layer) throws -> FloatBuffer {
    let biases = try file.floats(names[layer]!.bias, shape: [layer.channels])
    guard layer.index == 0, let colorTransform = try readColorTransform() else { return biases }
    let weights = try Self.kernel(names[layer]!, file, layout, isFlipped)
    return colorTransform.folded(into: biases, weights: weights, outputs: layer.channels)
  }

  /// Reads every convolution once, to check the file or to time it.
  ///
  /// - Returns: the number of weights and biases.
  /// - Throws: `ModelFileError` if a convolution cannot be read.
  public func readAll() throws -> Int {
    try architecture.layers.filter { $0.kind == .convolution }.reduce(0) {
      try $0 + weights(of: $1).count + biases(of: $1).count
    }
  }

  private func readColorTransform() throws -> ColorTransform? {
    guard let names = colorTransform else { return nil }
    let shape = file.tensors[names.weight]!.shape
    return ColorTransform(
      weights: try file.floats(names.weight, shape: shape).elements,
      biases: try file.floats(names.bias, shape: [3]).elements, isInputsFirst: layout == .hwio)
  }

  /// A kernel in the engine's order of dimensions and the file's order of input channels.
  private static func kernel(
    _ names: ModelFile.ConvolutionNames, _ file: ModelFile,
    _ layout: ConvolutionTensors.KernelLayout, _ isFlipped: Bool
  ) throws -> FloatBuffer {
    let shape = file.tensors[names.weight]!.shape
    let stored = try file.floats(names.weight, shape: shape)
    guard let (outputs, inputs, size) = layout.dimensions(shape) else {
      preconditionFailure("ConvolutionTensors accepts square kernels only.")
    }
    let taps = size * size
    guard layout == .hwio || isFlipped else { return stored }
    let result = FloatBuffer(count: stored.count)
    for output in 0..<outputs {
      for input in 0..<inputs {
        let kernel = output * inputs + input
        for tap in 0..<taps {
          let source = isFlipped ? taps - 1 - tap : tap
          result.pointer[kernel * taps + tap] =
            layout == .oihw
            ? stored.pointer[kernel * taps + source]
            : stored.pointer[(source * inputs + input) * outputs + output]
        }
      }
    }
    return result
  }

  private static func reverseInputs(of weights: FloatBuffer) {
    for filter in stride(from: 0, to: weights.count, by: 27) {
      for tap in filter..<filter + 9 {
        (weights.pointer[tap], weights.pointer[tap + 18]) =
          (weights.pointer[tap + 18], weights.pointer[tap])
      }
    }
  }
}
