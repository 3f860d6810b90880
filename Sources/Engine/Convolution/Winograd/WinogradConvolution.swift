import CKernels

/// A 3x3 convolution by Winograd's method F(m x m, 3x3), which computes a tile of m x m outputs
/// from a patch of (m + 2) x (m + 2) inputs.
///
/// Each pair of channels takes one multiplication per value of the patch: 36 instead of 144 for
/// m = 4, and 64 instead of 324 for m = 6. The input transform writes one matrix
/// `[tiles, inputs]` for each point, which is multiplied by the point's transformed weights. The
/// output transform turns the products into tiles. Lavin and Gray, "Fast Algorithms for
/// Convolutional Neural Networks" (2015), section 4.
struct WinogradConvolution: Sendable {
  let inputs: Int
  let outputs: Int
  private let form: WinogradForm
  private let weights: WinogradWeights
  private let patches: WinogradPatches
  private let kernels: Kernels
  private let transforms: ck_winograd

  /// Floats of padding between the matrices of points. With a stride of a power of two, they
  /// would compete for the same cache sets.
  private static let spacing = 16
  /// The number of tiles whose loss gradients are computed together.
  private static let gradientTiles = 32
  /// The largest number of tiles that a thread transforms at a time when threads share a block.
  private static let pieceColumns = 8
  /// The number of weights from which on threads share a block. Each weight is then loaded from
  /// memory once for all threads.
  private static let heavyWeights = 2_000_000

  init(
    weights oriented: OrientedWeights, form: WinogradForm, padding: Padding, workspace: Workspace
  ) {
    inputs = oriented.inputs
    outputs = oriented.outputs
    self.form = form
    kernels = workspace.kernels
    weights = WinogradWeights(oriented, form: form, workspace: workspace)
    patches = WinogradPatches(
      channels: oriented.inputs, form: form, padding: padding, kernels: kernels)
    transforms = form.transforms(kernels)
  }

  /// The height and width of a tile, m.
  var tileSize: Int { form.tileSize }
  private var points: Int { form.points }
  /// The floats of a patch at one point.
  private var patchLength: Int { form.floats(inputs) }

  /// The destination of a block's tiles. All maps of an epilogue have the same layout.
  enum Target {
    case map(UnsafeMutablePointer<Float>, rowStride: Int, MapShape, Epilogue)
    case pooled(
      UnsafeMutablePointer<Float>, SignBits, Pooling, MapShape, bias: UnsafePointer<Float>)
  }

  func callAsFunction(
    _ input: PackedConvolution.Input, _ shape: MapShape, into output: PackedConvolution.Output,
    workspace: Workspace
  ) {
    let source: WinogradPatches.Source =
      switch input {
      case .map(let map):
        .map(map, rowStride: shape.width * inputs, shape, hasSurroundings: false)
      case .unpooled(let gradient, let bits, let pooling):
        .unpooled(gradient, bits, pooling, shape)
      }
    let result = MapShape(height: shape.height, width: shape.width, channels: outputs)
    let target: Target =
      switch output {
      case .map(let map, let epilogue):
        .map(map, rowStride: shape.width * outputs, result, epilogue)
      case .pooled(let map, let bits, let pooling, let bias):
        .pooled(map, bits, pooling, result, bias: bias)
      }
    let grid = TileGrid(shape, tileSize: tileSize)
    if points * inputs * outputs >= Self.heavyWeights {
      for block in grid.blocks(atMost: blockSize(of: grid), threads: 1).joined() {
        runTogether(block, source, target, workspace)
      }
    } else {
      let blocks = Array(
        grid.blocks(atMost: blockSize(of: grid), threads: workspace.threads).joined())
      let largest = blocks.map(\.count).max()!
      workspace.parallel(blocks.count, scratch: scratchCount(tiles: largest)) { index, scratch in
        run(blocks[index], source, target, scratch: scratch)
      }
    }
  }

  /// The largest block: few enough tiles to keep its points in or near the caches, but enough to
  /// amortize loading the weights of a point.
  private func blockSize(of grid: TileGrid) -> (rows: Int, columns: Int) {
    let bytesPerTile = points * (patchLength + outputs) * MemoryLayout<Float>.stride
    let tiles = max(48 * 64 / points, 1_500_000 / bytesPerTile)
    let columns = min(tiles, grid.columns)
    return (max(1, tiles / columns), columns)
  }

  // MARK: One thread, one block

  /// The number of floats of scratch memory that `run` needs for a block.
  func scratchCount(tiles: Int) -> Int {
    points * (pointStride(tiles, patchLength) + pointStride(tiles, outputs)) + tileScratchCount
  }

  /// Computes a block of tiles.
  func run(
    _ block: TileBlock, _ source: WinogradPatches.Source, _ target: Target,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let patchStride = pointStride(block.count, patchLength)
    let productStride = pointStride(block.count, outputs)
    let products = scratch + points * patchStride
    let tileScratch = products + points * productStride
    patches.transform(
      block, of: source, into: scratch, stride: patchStride, scratch: tileScratch)
    for point in 0..<points {
      weights.multiply(
        point: point, tiles: block.count, patches: scratch + point * patchStride,
        into: products + point * productStride, kernels: kernels)
    }
    transform(
      products, stride: productStride, block, into: target, scratch: tileScratch)
  }

  // MARK: All threads, one block

  private func runTogether(
    _ block: TileBlock, _ source: WinogradPatches.Source, _ target: Target, _ workspace: Workspace
  ) {
    let patchStride = pointStride(block.count, patchLength)
    let productStride = pointStride(block.count, outputs)
    let transformed = workspace.shared(points * (patchStride + productStride))
    let products = transformed + points * patchStride
    let pieces = block.pieces(columns: Self.pieceColumns)
    workspace.parallel(pieces.count, scratch: tileScratchCount) { index, scratch in
      let (piece, offset) = pieces[index]
      patches.transform(
        piece, of: source, into: transformed + offset * patchLength, stride: patchStride,
        scratch: scratch)
    }
    workspace.parallel(points) { point in
      weights.multiply(
        point: point, tiles: block.count, patches: transformed + point * patchStride,
        into: products + point * productStride, kernels: kernels)
    }
    workspace.parallel(pieces.count, scratch: tileScratchCount) { index, scratch in
      let (piece, offset) = pieces[index]
      transform(
        products + offset * outputs, stride: productStride, piece, into: target, scratch: scratch)
    }
  }

  private func pointStride(_ tiles: Int, _ length: Int) -> Int {
    tiles * length + Self.spacing
  }

  /// The scratch memory for a patch at the border, or for the loss gradients of some tiles.
  private var tileScratchCount: Int {
    max(
      points * inputs, Self.gradientTiles * tileSize * tileSize * outputs)
  }

  // MARK: Tiles

  private func transform(
    _ products: UnsafePointer<Float>, stride: Int, _ block: TileBlock, into target: Target,
    scratch: UnsafeMutablePointer<Float>
  ) {
    var place = products
    for tileRow in block.rows {
      switch target {
      case .map(let map, let rowStride, let shape, let epilogue):
        for first in Swift.stride(
          from: block.columns.lowerBound, to: block.columns.upperBound, by: Self.gradientTiles)
        {
          let columns = first..<min(block.columns.upperBound, first + Self.gradientTiles)
          finish(
            place, stride: stride, tileRow: tileRow, columns: columns, into: map, rowStride, shape,
            epilogue, scratch: scratch)
          place += columns.count * outputs
        }
      case .pooled(let map, let bits, let pooling, let shape, let bias):
        pool(
          place, stride: stride, tileRow: tileRow, columns: block.columns, into: map, bits, pooling,
          shape, bias)
        place += block.columns.count * outputs
      }
    }
  }

  /// Transforms and stores some tiles of a row of tiles, with their epilogue.
  private func finish(
    _ products: UnsafePointer<Float>, stride: Int, tileRow: Int, columns: Range<Int>,
    into map: UnsafeMutablePointer<Float>, _ rowStride: Int, _ shape: MapShape,
    _ epilogue: Epilogue,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (top, left) = (tileRow * tileSize, columns.lowerBound * tileSize)
    let rows = min(tileSize, shape.height - top)
    let width = min(columns.count * tileSize, shape.width - left)
    if let (gradient, features) = epilogue.gradient {
      for y in 0..<rows {
        let first = (top + y) * (rowStride / outputs) + left
        gradient.write(
          at: first..<first + width, of: features, channels: outputs,
          to: scratch + y * width * outputs, kernels: kernels)
      }
    }
    for index in 0..<columns.count {
      let x = index * tileSize
      let offset = top * rowStride + (left + x) * outputs
      var form = epilogue.kernelForm(offset: offset)
      if epilogue.gradient != nil {
        form.addend = UnsafePointer(scratch + x * outputs)
        form.addend_row_stride = width * outputs
      }
      transforms.output(
        outputs, products + index * outputs, stride, map + offset, rowStride, rows,
        min(tileSize, width - x), form)
    }
  }

  /// Transforms, pools and stores a row of tiles.
  private func pool(
    _ products: UnsafePointer<Float>, stride: Int, tileRow: Int, columns: Range<Int>,
    into map: UnsafeMutablePointer<Float>, _ bits: SignBits, _ pooling: Pooling, _ shape: MapShape,
    _ bias: UnsafePointer<Float>
  ) {
    let pooledWidth = pooling.outputShape(of: shape).width
    let top = tileRow * tileSize
    var place = products
    for column in columns {
      let left = column * tileSize
      transforms.output_pooled(
        outputs, place, stride, bias, pooling == .max,
        map + (top / 2 * pooledWidth + left / 2) * outputs, pooledWidth * outputs,
        bits.pointer + (top * shape.width + left) * outputs / 8, shape.width * outputs / 8,
        shape.height - top, shape.width - left)
      place += outputs
    }
  }
}
