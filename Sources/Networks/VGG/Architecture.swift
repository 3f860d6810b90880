import Engine

/// The convolutional part of a VGG network: Simonyan and Zisserman, "Very Deep Convolutional
/// Networks" (2014).
///
/// It consists of blocks of 3x3 convolutions, each followed by a ReLU, with a pooling layer after
/// each block.
public struct Architecture: Sendable, Hashable {
  /// The network's common name, such as `vgg16`.
  public let name: String
  /// The number of convolutions in each block.
  ///
  /// A network that ends early lacks the last convolutions or blocks of the complete one.
  public let convolutions: [Int]
  /// The number of channels in each block.
  public let channels: [Int]
  /// All layers whose feature maps can be read, in forward order.
  public let layers: [Layer]

  /// VGG-16 with its 13 convolutions (configuration D).
  public static let vgg16 = Architecture(name: "vgg16", convolutions: vgg16Convolutions)
  /// VGG-19 with its 16 convolutions (configuration E).
  public static let vgg19 = Architecture(name: "vgg19", convolutions: vgg19Convolutions)

  /// VGG-19 up to conv4_1, the architecture of ``Model/standard``.
  public static let vgg19ToConv4 = Architecture(name: "vgg19", convolutions: [2, 2, 4, 1])

  private static let vgg16Convolutions = [2, 2, 3, 3, 3]
  private static let vgg19Convolutions = [2, 2, 4, 4, 4]

  /// The complete network, with its usual numbers of channels.
  private var complete: Architecture { name == Self.vgg16.name ? .vgg16 : .vgg19 }

  /// Whether the network lacks the last convolutions of the complete one.
  public var endsEarly: Bool { convolutions != complete.convolutions }

  /// The name of the last convolution, such as `conv5_3`.
  public var lastConvolution: String { "conv\(convolutions.count)_\(convolutions.last!)" }

  /// The beginning of the architecture, with other numbers of channels.
  ///
  /// - Parameter channels: the outputs of each convolution that is there.
  /// - Returns: nil if there are none or too many, or if they differ in a block.
  package func beginning(channels: [Int]) -> Architecture? {
    var (convolutions, widths): ([Int], [Int]) = ([], [])
    var rest = channels[...]
    for count in self.convolutions where !rest.isEmpty {
      let block = rest.prefix(count)
      guard Set(block).count == 1 else { return nil }
      convolutions.append(block.count)
      widths.append(block.first!)
      rest = rest.dropFirst(count)
    }
    guard !convolutions.isEmpty, rest.isEmpty else { return nil }
    return Architecture(name: name, convolutions: convolutions, channels: widths)
  }

  private init(name: String, convolutions: [Int], channels: [Int] = [64, 128, 256, 512, 512]) {
    self.name = name
    self.convolutions = convolutions
    self.channels = channels
    let complete = name == "vgg16" ? Self.vgg16Convolutions : Self.vgg19Convolutions
    var layers: [Layer] = []
    for (block, (count, width)) in zip(convolutions, channels).enumerated() {
      func add(_ kind: Layer.Kind, _ number: Int, stride: Int) {
        layers.append(
          Layer(
            kind: kind, block: block + 1, number: number, index: layers.count, channels: width,
            stride: stride))
      }
      for number in 1...count {
        add(.convolution, number, stride: 1 << block)
        add(.relu, number, stride: 1 << block)
      }
      if count == complete[block] { add(.pooling, 0, stride: 2 << block) }
    }
    self.layers = layers
  }

  /// Finds a layer by its name or number.
  ///
  /// `relu4_2` and `conv4_2` both mean the output of the ReLU, as in the paper. `conv4_2:pre` is
  /// the input of the ReLU, and `pool4` the output of a pooling layer. A number is the index in
  /// torchvision's `features`, where a convolution's index means the input of its ReLU.
  ///
  /// - Throws: `NetworkError.unknownLayer` if this network has no such layer.
  public func layer(_ name: String) throws -> Layer {
    let fullName =
      name.hasPrefix("conv") && !name.hasSuffix(":pre") ? "relu" + name.dropFirst(4) : name
    guard let layer = layers.first(where: { $0.name == fullName || String($0.index) == fullName })
    else {
      throw NetworkError.unknownLayer(name, architecture: self)
    }
    return layer
  }

  /// The side of a layer's receptive field in pixels.
  public func receptiveField(of layer: Layer) -> Int {
    var (side, step) = (1, 1)
    for below in layers.prefix(layer.index + 1) {
      switch below.kind {
      case .convolution: side += 2 * step
      case .relu: break
      case .pooling:
        side += step
        step *= 2
      }
    }
    return side
  }

  /// The pixels that a position of a layer depends on beyond the square of `stride` pixels that it
  /// stands for, on each side.
  package func reach(of layer: Layer) -> Int {
    layers.prefix(layer.index + 1).reduce(0) { $0 + ($1.kind == .convolution ? $1.stride : 0) }
  }

  /// The complete network of the family that has a layer which this one lacks.
  func relative(with layer: String) -> Architecture? {
    [complete, .vgg16, .vgg19].first { (try? $0.layer(layer)) != nil }
  }

  /// The number of input channels of a convolution.
  package func inputs(of convolution: Layer) -> Int {
    convolution.number > 1
      ? convolution.channels : convolution.block > 1 ? channels[convolution.block - 2] : 3
  }

  /// Checks that the features of a picture of this size can be computed at all given layers.
  ///
  /// An extractor checks this, too. Call it earlier to reject a requested size before a picture is
  /// decoded.
  ///
  /// - Throws: `NetworkError.pictureTooSmall` if pooling would leave an empty map, and
  ///   `.pictureTooLarge` if the feature maps alone exceed the memory.
  public func checkSize(width: Int, height: Int, for layers: some Collection<Layer>) throws {
    try checkLeastSize(width: width, height: height, for: layers)
    try checkMemory(width: width, height: height, for: layers)
  }

  /// Checks that a picture of this size has features at all given layers.
  ///
  /// - Throws: `NetworkError.pictureTooSmall` if pooling would leave an empty map.
  public func checkLeastSize(width: Int, height: Int, for layers: some Collection<Layer>) throws {
    guard let deepest = layers.max(by: { $0.index < $1.index }) else { return }
    guard min(width, height) >= deepest.stride else {
      throw NetworkError.pictureTooSmall(width: width, height: height, layer: deepest)
    }
  }

  /// Checks that the features of a picture of this size fit in memory at all given layers.
  ///
  /// - Throws: `NetworkError.pictureTooLarge` if the feature maps alone exceed the memory.
  public func checkMemory(width: Int, height: Int, for layers: some Collection<Layer>) throws {
    guard let deepest = layers.max(by: { $0.index < $1.index }) else { return }
    // The first block runs in tiles: it keeps a whole map only where one is requested.
    let maps = self.layers.filter {
      $0.kind != .convolution && $0.index <= deepest.index
        && ($0.block > 1 || $0.kind == .pooling || ($0.number > 1 && layers.contains($0)))
    }
    let needed = maps.reduce(0.0) { bytes, layer in
      let stride = Double(layer.stride)
      return bytes + 4 * Double(height) / stride * Double(width) / stride * Double(layer.channels)
    }
    let available = Double(AvailableMemory.bytes)
    guard needed <= available else {
      throw NetworkError.pictureTooLarge(
        width: width, height: height, neededBytes: needed, availableBytes: available)
    }
  }
}

/// An error about a network, its layers, or the size of its input.
public enum NetworkError: Error, Sendable, CustomStringConvertible {
  /// The network has no layer with this name.
  case unknownLayer(String, architecture: Architecture)
  /// A picture is so small that pooling leaves an empty map.
  case pictureTooSmall(width: Int, height: Int, layer: Layer)
  /// A picture is so large that its feature maps do not fit in memory.
  case pictureTooLarge(width: Int, height: Int, neededBytes: Double, availableBytes: Double)
  /// The catalog has no model with this name.
  case unknownModel(String)
  /// The preprocessing cannot be detected from a file of weights.
  case unknownPreprocessing(path: String)

  public var description: String {
    switch self {
    case .unknownLayer(let name, let architecture):
      if architecture.endsEarly, let relative = architecture.relative(with: name) {
        "this network ends at \(architecture.lastConvolution), so it has no layer \"\(name)\"; "
          + "choose an earlier layer, or a complete \(relative.name)."
      } else {
        "unknown layer \"\(name)\": \(architecture.name) has "
          + architecture.layers.filter { $0.kind != .convolution }.map(\.name)
          .joined(separator: ", ")
          + ", convB_I:pre (before the ReLU), and numbers 0 to \(architecture.layers.count - 1)"
          + (architecture.relative(with: name).map { "; this layer is in \($0.name)." } ?? ".")
      }
    case .pictureTooSmall(let width, let height, let layer):
      "a picture of \(width)x\(height) pixels is too small: layer \(layer.name) needs at least "
        + "\(layer.stride)x\(layer.stride)."
    case .pictureTooLarge(let width, let height, let needed, let available):
      "a picture of \(width)x\(height) pixels needs about \(AvailableMemory.text(needed)) of memory, "
        + "but \(AvailableMemory.text(available)) are available; choose a smaller size."
    case .unknownModel(let name):
      "unknown model \(name): neither a file nor one of "
        + Model.catalog.map(\.name).joined(separator: ", ") + "."
    case .unknownPreprocessing(let path):
      "\(path): cannot detect the preprocessing."
    }
  }
}
