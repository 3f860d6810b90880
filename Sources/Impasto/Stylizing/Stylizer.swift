import Engine
import Networks
import Pictures

/// A network that repaints pictures in one pass: Johnson, Alahi and Fei-Fei (2016), "Perceptual losses
/// for real-time style transfer and super-resolution".
///
///     let stylizer = try Stylizer(StylizerNetwork(path: "candy.pth"))
///     let result = try stylizer.stylized(photo)
///
/// The memory for a size of pictures is kept for the next one. Only one thread at a time may use a
/// stylizer.
public final class Stylizer {
  /// The network.
  public let network: StylizerNetwork
  private let workspace: Workspace
  private var prepared: Prepared?

  /// A network that is ready for pictures of one size.
  private struct Prepared {
    let size: PixelSize
    let transformer: ResidualTransformer
    let executor: CPUExecutor
    let input: FloatBuffer
  }

  /// Prepares a network.
  ///
  /// - Parameter threads: the number of threads; nil for all processors that may be used.
  /// - Throws: `KernelsError` if the environment names kernels that the processor does not have.
  public init(_ network: StylizerNetwork, threads: Int? = nil) throws {
    self.network = network
    workspace = try Workspace(kernels: .chosen(), threads: threads)
  }

  /// Repaints a photo.
  ///
  /// - Parameters:
  ///   - style: what to paint in; it must fit the network's ``StylizerNetwork/styles``.
  ///   - strength: 0 for the photo to 1 for the style. Networks of arbitrary styles paint between
  ///     the photo's own style and the painting's; results of others are blended with the photo.
  /// - Returns: a picture of the photo's size, with its transparency.
  /// - Throws: `SettingError` for a style or strength that does not fit, `PictureError`, and
  ///   `NetworkError.pictureTooLarge`.
  public func stylized(
    _ photo: Picture, style: StylizerStyle = .own, strength: Float = 1
  ) throws -> Picture {
    guard (0...1).contains(strength) else {
      throw SettingError("strength", value: "\(strength)", problem: "must be between 0 and 1.")
    }
    try style.check(network)
    let prepared = try prepared(photo.size)
    let white = network.transformer.output.white
    let input = prepared.input.pointer
    let pixels = photo.pixels.elements
    for index in pixels.indices { input[index] = white * pixels[index] }
    switch style {
    case .own:
      prepared.executor.forward(input)
    case .blend(let weights):
      prepared.executor.rows = .blend(weights)
      prepared.executor.forward(input)
    case .painting(let painted):
      var vector = painted.elements
      if strength < 1 {
        let own = try StyleVector(photo, network: network, workspace: workspace).elements
        for index in vector.indices {
          vector[index] += (1 - strength) * (own[index] - vector[index])
        }
      }
      vector.withUnsafeBufferPointer { prepared.executor.forward(input, $0.baseAddress!) }
    }
    let blended = network.styles == .arbitrary ? 1 : strength
    return result(of: prepared, photo, white: white, strength: blended)
  }

  /// Describes a painting for a network of arbitrary styles.
  ///
  /// - Throws: `SettingError` if the network has no predictor, and `PictureError`.
  public func style(of painting: Picture) throws -> StyleVector {
    try StyleVector(painting, network: network, workspace: workspace)
  }

  /// The picture that the executor computed: clipped, blended with the photo, and without the rows
  /// and columns that were added to a multiple of 4.
  private func result(
    of prepared: Prepared, _ photo: Picture, white: Float, strength: Float
  ) -> Picture {
    let shape = prepared.executor.shape(of: prepared.transformer.output)
    let output = prepared.executor.map(prepared.transformer.output)
    let (pixels, width) = (photo.pixels.elements, photo.width)
    let elements = [Float](unsafeUninitializedCapacity: pixels.count) { elements, count in
      for y in 0..<photo.height {
        for index in 0..<3 * width {
          let value = output[3 * y * shape.width + index] / white
          let own = pixels[3 * y * width + index]
          let mixed = strength == 1 ? value : own + strength * (value - own)
          elements[3 * y * width + index] = min(max(mixed, 0), 1)
        }
      }
      count = pixels.count
    }
    return Picture(
      pixels: Tensor(shape: photo.pixels.shape, elements: elements), alpha: photo.alpha)
  }

  private func prepared(_ size: PixelSize) throws -> Prepared {
    if let prepared, prepared.size == size { return prepared }
    // Two sizes need not be in memory at the same time.
    prepared = nil
    let transformer = ResidualTransformer(
      network.transformer, height: size.height, width: size.width)
    var inputs = [
      transformer.input: MapShape(height: size.height, width: size.width, channels: 3)
    ]
    if let style = transformer.style, case .predicted(let length) = network.transformer.scaling {
      inputs[style] = MapShape(height: 1, width: 1, channels: length)
    }
    try checkMemory(size)
    let plan = try Plan(
      transformer.graph, inputs: inputs, features: [transformer.output],
      kernels: workspace.kernels)
    let made = Prepared(
      size: size, transformer: transformer,
      executor: CPUExecutor(
        plan, parameters: network.parameters(of: transformer.graph), workspace: workspace),
      input: FloatBuffer(count: 3 * size.width * size.height))
    prepared = made
    return made
  }

  /// - Throws: `NetworkError.pictureTooLarge`.
  private func checkMemory(_ size: PixelSize) throws {
    // Two maps of the largest convolution are in memory at the same time, beside the pictures.
    let channels = network.transformer.contraction[0] + network.transformer.expansion[0] / 2
    let needed = Double(size.width * size.height * (2 * channels + 16) * 4)
    let available = Double(AvailableMemory.bytes)
    guard needed > available else { return }
    throw NetworkError.pictureTooLarge(
      width: size.width, height: size.height, neededBytes: needed, availableBytes: available)
  }
}
