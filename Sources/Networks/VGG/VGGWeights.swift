import Engine
import Files
import ModelFiles

/// The convolutions of a VGG network in a file of any format, and what was told from its
/// content: the architecture, the order of its numbers, and how it wants its picture.
public struct VGGWeights: Sendable {
  /// Where they are.
  public let file: ModelFile
  /// Its layers.
  public let architecture: Architecture
  /// How the first convolution wants its picture.
  public let convention: InputConvention
  /// What told the convention.
  public let evidence: String
  /// What every convolution reads outside of its map.
  public let padding: Padding
  /// Whether pooling layers keep the last row and column of an odd map.
  public let poolingRoundsUp: Bool
  /// Whether the file also holds the layers that classify, which are not used.
  public let hasFullyConnectedLayers: Bool
  /// The order of a kernel's dimensions in the file.
  public var kernelLayout: String { layout.rawValue + (isFlipped ? ", flipped in space" : "") }
  private let layout: ConvolutionTensors.KernelLayout
  /// Theano's convolutions, unlike everybody's, turn the kernel by half a turn.
  private let isFlipped: Bool
  private let names: [Layer: ModelFile.ConvolutionNames]
  private let colorTransform: ModelFile.ConvolutionNames?

  /// Tells what a file holds.
  ///
  /// - Parameter convention: how it wants its picture, where the caller knows better.
  /// - Throws: `ModelFileError` unless it holds VGG-16 or VGG-19, and
  ///   `NetworkError.unknownPreprocessing` if nothing tells how it wants its picture.
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
    // Only AdaIN's network transforms its picture itself; it was trained for with reflections.
    let isAdaIN = colorTransform != nil
    padding = file.metadata[Metadata.padding].flatMap(Padding.init) ?? (isAdaIN ? .reflect : .zero)
    poolingRoundsUp = file.metadata[Metadata.rounding].map { $0 == "up" } ?? isAdaIN
    let weights = try Self.kernel(tensors.names[0], file, layout, isFlipped)
    (self.convention, evidence) = try Self.convention(
      of: file, tensors, firstFilter: Array(weights.elements.prefix(27)), given: convention)
  }

  /// The kernel of a convolution, `[outputs, inputs, 3, 3]`; that of the first reads red, green
  /// and blue.
  ///
  /// - Throws: `ModelFileError` if it cannot be read.
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
  /// - Throws: `ModelFileError` if they cannot be read.
  package func biases(of layer: Layer) throws -> FloatBuffer {
    let biases = try file.floats(names[layer]!.bias, shape: [layer.channels])
    guard layer.index == 0, let colorTransform = try readColorTransform() else { return biases }
    let weights = try Self.kernel(names[layer]!, file, layout, isFlipped)
    return colorTransform.folded(into: biases, weights: weights, outputs: layer.channels)
  }

  /// Reads every convolution once, as for a measurement or a check of the file.
  ///
  /// - Returns: how many numbers there are.
  /// - Throws: `ModelFileError` if one cannot be read.
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

  /// In the order of the engine, with the file's order of channels.
  private static func kernel(
    _ names: ModelFile.ConvolutionNames, _ file: ModelFile,
    _ layout: ConvolutionTensors.KernelLayout, _ isFlipped: Bool
  ) throws -> FloatBuffer {
    let shape = file.tensors[names.weight]!.shape
    let stored = try file.floats(names.weight, shape: shape)
    guard let (outputs, inputs, size) = layout.dimensions(shape) else {
      preconditionFailure("Only square kernels are taken.")
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
