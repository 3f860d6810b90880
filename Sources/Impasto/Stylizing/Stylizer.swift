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
  /// The memory that a picture may take, in bytes; nil for three quarters of what is available.
  public var memory: Int?
  /// The precision of the convolutions.
  public let precision: Precision
  private let workspace: Workspace
  private var prepared: Prepared?

  /// A network that is ready for pictures of one size.
  private struct Prepared {
    let size: PixelSize
    let transformer: ResidualTransformer
    let executor: CPUExecutor
  }

  /// Prepares a network.
  ///
  /// - Parameters:
  ///   - threads: the number of threads; nil for all processors that may be used.
  ///   - precision: the precision of the convolutions.
  /// - Throws: `KernelsError` if the environment names kernels that the processor does not have.
  public init(
    _ network: StylizerNetwork, threads: Int? = nil, precision: Precision = .exact
  ) throws {
    self.network = network
    self.precision = precision
    workspace = try Workspace(kernels: .chosen(), threads: threads)
  }

  /// Repaints a photo.
  ///
  /// A photo that does not fit in ``memory`` is repainted in tiles, which takes several times as long.
  /// Instance norms use the statistics of the whole photo, so the result is the same up to rounding.
  ///
  /// - Parameters:
  ///   - style: what to paint in; it must fit the network's ``/Networks/StylizerNetwork/styles``.
  ///   - strength: 0 for the photo to 1 for the style. Networks of arbitrary styles paint between
  ///     the photo's own style and the painting's; results of others are blended with the photo.
  ///   - progress: receives the part of the work that is done, 0...1, when it is done in tiles.
  /// - Returns: a picture of the photo's size, with its transparency.
  /// - Throws: `SettingError` for a style or strength that does not fit, `PictureError`, and
  ///   `NetworkError.pictureTooLarge`.
  public func stylized(
    _ photo: Picture, style: StylizerStyle = .own, strength: Float = 1,
    progress: (Double) -> Void = { _ in }
  ) throws -> Picture {
    try stylized(
      PackedPicture(photo, depth: .float), style: style, strength: strength, depth: .float,
      progress: progress
    ).picture
  }

  /// Repaints a photo that is too large for floats in memory.
  ///
  /// The same as ``stylized(_:style:strength:progress:)``, with a result of the given depth.
  public func stylized(
    _ photo: PackedPicture, style: StylizerStyle = .own, strength: Float = 1,
    depth: PackedPicture.Depth, progress: (Double) -> Void = { _ in }
  ) throws -> PackedPicture {
    guard (0...1).contains(strength) else {
      throw SettingError("strength", value: "\(strength)", problem: "must be between 0 and 1.")
    }
    try style.check(network)
    let (rows, vector) = try conditions(style, photo, strength: strength)
    let blended = network.styles == .arbitrary ? 1 : strength
    let white = network.transformer.output.white
    let result = PackedPicture(size: photo.size, depth: depth, alpha: photo.alpha)
    let painted = Painted(photo: photo, result: result, white: white, strength: blended)
    if let side = try tileSide(photo.size, pictures: photo.byteCount + result.byteCount) {
      prepared = nil
      let tiles = StylizerTiles(photo.size, side: side, blocks: network.transformer.blocks)
      let tiled = TiledStylizing(
        network: network, precision: precision, rows: rows, style: vector, tiles: tiles,
        workspace: workspace)
      try tiled.run(photo, progress: progress) { tile, map, shape in
        painted.write(map, shape, seen: tile.seen, own: tile.own)
      }
    } else {
      let prepared = try prepared(photo.size)
      prepared.executor.rows = rows
      let whole = Rectangle(
        rows: 0..<photo.size.height, columns: 0..<photo.size.width)
      let input = FloatBuffer(count: 3 * photo.size.width * photo.size.height)
      photo.read(whole, into: input, white: white)
      if let vector {
        prepared.executor.forward(input.pointer, vector.pointer)
      } else {
        prepared.executor.forward(input.pointer)
      }
      withExtendedLifetime(input) {}
      let output = prepared.transformer.output
      painted.write(
        prepared.executor.map(output), prepared.executor.shape(of: output), seen: whole, own: whole)
    }
    withExtendedLifetime(vector) {}
    return result
  }

  /// The selected rows or the style vector.
  private func conditions(
    _ style: StylizerStyle, _ photo: PackedPicture, strength: Float
  ) throws -> (RowSelection, FloatBuffer?) {
    switch style {
    case .own: return (.row(0), nil)
    case .blend(let weights): return (.blend(weights), nil)
    case .painting(let painted):
      var vector = painted.elements
      if strength < 1 {
        let small = try photo.resized(to: photo.size.fitted(within: Self.styleSide))
        let own = try StyleVector(small, network: network, workspace: workspace).elements
        for index in vector.indices {
          vector[index] += (1 - strength) * (own[index] - vector[index])
        }
      }
      return (.row(0), FloatBuffer(vector))
    }
  }

  /// A result that is written in parts.
  private struct Painted {
    let photo: PackedPicture
    let result: PackedPicture
    let white: Float
    let strength: Float

    /// Writes a part from the network's map of a larger one: clipped, and blended with the photo.
    func write(
      _ map: UnsafePointer<Float>, _ shape: MapShape, seen: Rectangle,
      own: Rectangle
    ) {
      let (top, left) = (seen.rows.lowerBound, seen.columns.lowerBound)
      var values = [Float](repeating: 0, count: 3 * own.columns.count)
      for row in own.rows {
        let source = map + 3 * ((row - top) * shape.width + own.columns.lowerBound - left)
        if strength != 1 { photo.read(row: row, columns: own.columns, into: &values) }
        for index in values.indices {
          let value = source[index] / white
          let before = values[index]
          let mixed = strength == 1 ? value : before + strength * (value - before)
          values[index] = min(max(mixed, 0), 1)
        }
        result.write(row: row, columns: own.columns, values)
      }
    }
  }

  /// Describes a painting for a network of arbitrary styles.
  ///
  /// - Throws: `SettingError` if the network has no predictor, and `PictureError`.
  public func style(of painting: Picture) throws -> StyleVector {
    try StyleVector(painting, network: network, workspace: workspace)
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
    let plan = try Plan(
      transformer.graph, inputs: inputs, features: [transformer.output],
      kernels: workspace.kernels)
    let made = Prepared(
      size: size, transformer: transformer,
      executor: CPUExecutor(
        plan, parameters: network.parameters(of: transformer.graph, precision: precision),
        workspace: workspace))
    prepared = made
    return made
  }

  /// The side of the tiles that fit in the memory; nil if the whole picture does.
  ///
  /// - Parameter pictures: the bytes of the photo and the result.
  /// - Throws: `NetworkError.pictureTooLarge`.
  private func tileSide(_ size: PixelSize, pictures: Int) throws -> Int? {
    // Two maps of the largest convolution are in memory at the same time.
    let channels = network.transformer.contraction[0] + network.transformer.expansion[0] / 2
    let mapBytes = 4 * Double(2 * channels + 16)
    let pixels = Double(size.width) * Double(size.height)
    let budget = Double(memory ?? AvailableMemory.bytes / 4 * 3)
    let left = budget - Double(pictures)
    guard (mapBytes + Self.inputBytes) * pixels > left else { return nil }
    let side = Int(max(0, left / mapBytes).squareRoot())
    let least = 4 * StylizerTiles.halo(blocks: network.transformer.blocks)
    guard side >= least else {
      throw NetworkError.pictureTooLarge(
        width: size.width, height: size.height,
        neededBytes: Double(pictures) + mapBytes * Double(least * least),
        availableBytes: budget)
    }
    // Smaller tiles stay closer to the caches.
    return min(side, 2048)
  }

  /// The longer side at which a photo is described.
  private static let styleSide = 1024
  /// The bytes of the network's input, for each pixel of a picture in one piece.
  private static let inputBytes = 3.0 * 4
}
