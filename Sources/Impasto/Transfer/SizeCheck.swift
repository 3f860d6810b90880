import Networks
import Pictures

/// An error about a picture that is too small for the network or too large for the machine.
package struct TransferSizeError: Error, Sendable, CustomStringConvertible {
  /// A picture of a transfer.
  package enum Part: Sendable, Hashable {
    case photo
    /// The photo at the coarsest scale.
    case coarsestScale
    /// A painting, by its index.
    case painting(Int)
  }

  package let part: Part
  package let cause: NetworkError

  package var description: String { "\(cause)" }
}

extension TransferOptions {
  /// Checks that the tiles are large enough for the layers.
  ///
  /// - Throws: `SettingError` with the key `tile`.
  func checkTiles(
    contentLayers: LayerWeights, styleLayers: LayerWeights, network: FeatureNetwork
  ) throws {
    guard let tileSide else { return }
    let least = FeatureTiles.leastSide(
      usedLayers(content: contentLayers, style: styleLayers), of: network)
    guard tileSide < least else { return }
    throw SettingError(
      "tile", value: "\(tileSide)", problem: "must be at least \(least) pixels for these layers.")
  }

  /// Checks that the network can process every picture of a transfer.
  ///
  /// - Parameters:
  ///   - photo: the photo's size without its margin.
  ///   - paintings: the sizes at which the paintings are used.
  ///   - scales: the number of scales.
  package func checkSizes(
    photo: PixelSize, paintings: [PixelSize], scales: Int, contentLayers: LayerWeights,
    styleLayers: LayerWeights, architecture: Architecture
  ) throws(TransferSizeError) {
    func check(
      _ part: TransferSizeError.Part, _ size: PixelSize, _ layers: [Layer]
    ) throws(TransferSizeError) {
      do {
        try architecture.checkLeastSize(width: size.width, height: size.height, for: layers)
      } catch {
        guard let error = error as? NetworkError else { preconditionFailure("\(error)") }
        throw TransferSizeError(part: part, cause: error)
      }
    }
    let layers = usedLayers(content: contentLayers, style: styleLayers)
    try check(.photo, photo, layers)
    try check(.photo, photo.extended(by: margins(around: photo, layers: layers)), layers)
    try check(.coarsestScale, ScalePlan.sizes(of: photo, scales: scales)[0], layers)
    for (index, painting) in paintings.enumerated() {
      try check(.painting(index), painting, styleLayers.shares.map(\.layer))
    }
  }
}
