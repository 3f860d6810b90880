import CKernels

/// The patches of a map for Winograd's method: the values that tiles of outputs depend on, transformed
/// to points.
struct WinogradPatches: Sendable {
  let channels: Int
  private let form: WinogradForm
  private let padding: Padding
  private let kernels: Kernels
  private let transforms: ck_winograd

  init(channels: Int, form: WinogradForm, padding: Padding, kernels: Kernels) {
    (self.channels, self.form, self.padding) = (channels, form, padding)
    self.kernels = kernels
    transforms = form.transforms(kernels)
  }

  private var tileSize: Int { form.tileSize }

  /// The height and width of a patch.
  private var patchSize: Int { tileSize + 2 }

  /// The source of a block's patches.
  enum Source {
    /// A map, or a part of one. With `hasSurroundings`, patches may be read beyond the map's edges.
    case map(UnsafePointer<Float>, rowStride: Int, MapShape, hasSurroundings: Bool)
    case unpooled(UnsafePointer<Float>, SignBits, Pooling, MapShape)
  }

  /// Transforms the patches of a block of tiles, one after the other.
  ///
  /// - Parameters:
  ///   - to: receives the matrices of points.
  ///   - stride: the distance of the matrices in floats.
  ///   - scratch: memory for one patch.
  func transform(
    _ block: TileBlock, of source: Source, into to: UnsafeMutablePointer<Float>, stride: Int,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var place = to
    for tileRow in block.rows {
      for tileColumn in block.columns {
        let (top, left) = (tileRow * tileSize - 1, tileColumn * tileSize - 1)
        switch source {
        case .map(let map, let rowStride, let shape, let hasSurroundings):
          if hasSurroundings || isInside(top, left, height: shape.height, width: shape.width) {
            let patch = map + top * rowStride + left * channels
            transforms.input(channels, patch, rowStride, place, stride)
          } else {
            gather(map, rowStride, shape, top: top, left: left, into: scratch)
            transforms.input(channels, scratch, patchSize * channels, place, stride)
          }
        case .unpooled(let gradient, let bits, let pooling, let shape):
          let pooled = pooling.outputShape(of: shape)
          if isInside(top, left, height: 2 * pooled.height, width: 2 * pooled.width) {
            let window = ((top - 1) / 2 * pooled.width + (left - 1) / 2) * channels
            transforms.input_unpooled(
              channels, gradient + window, pooled.width * channels,
              bits.pointer + (top * shape.width + left) * channels / 8, shape.width * channels / 8,
              pooling.gradientScale, place, stride)
          } else {
            gather(gradient, bits, pooling, shape, top: top, left: left, into: scratch)
            transforms.input(channels, scratch, patchSize * channels, place, stride)
          }
        }
        place += form.floats(channels)
      }
    }
  }

  private func isInside(_ top: Int, _ left: Int, height: Int, width: Int) -> Bool {
    top >= 0 && left >= 0 && top + patchSize <= height && left + patchSize <= width
  }

  /// Copies a patch that extends beyond its map, with padding.
  private func gather(
    _ map: UnsafePointer<Float>, _ rowStride: Int, _ shape: MapShape, top: Int, left: Int,
    into patch: UnsafeMutablePointer<Float>
  ) {
    for y in 0..<patchSize {
      let row = padding.source(top + y, length: shape.height)
      for x in 0..<patchSize {
        let place = patch + (y * patchSize + x) * channels
        if let row, let column = padding.source(left + x, length: shape.width) {
          place.update(from: map + row * rowStride + column * channels, count: channels)
        } else {
          place.update(repeating: 0, count: channels)
        }
      }
    }
  }

  /// Copies a patch of a gradient before the pooling, which is zero outside of the windows.
  private func gather(
    _ gradient: UnsafePointer<Float>, _ bits: SignBits, _ pooling: Pooling, _ shape: MapShape,
    top: Int, left: Int, into patch: UnsafeMutablePointer<Float>
  ) {
    let pooled = pooling.outputShape(of: shape)
    for y in 0..<patchSize {
      for x in 0..<patchSize {
        let (row, column) = (top + y, left + x)
        let place = patch + (y * patchSize + x) * channels
        if 0..<2 * pooled.height ~= row, 0..<2 * pooled.width ~= column {
          kernels.table.pointee.unpool(
            channels, gradient + (row / 2 * pooled.width + column / 2) * channels,
            bits.pointer + (row * shape.width + column) * channels / 8, pooling.gradientScale, place
          )
        } else {
          place.update(repeating: 0, count: channels)
        }
      }
    }
  }
}
