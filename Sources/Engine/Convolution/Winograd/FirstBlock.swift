/// VGG's first block, fused: preprocessing, conv1_1 and conv1_2 with their ReLUs, and the pooling
/// layer.
///
/// The block's maps have the picture's full resolution and would dominate memory. Instead, it
/// processes blocks of tiles that stay in the caches, keeps only the pooled map and one bit per
/// value, and recomputes conv1_1 in the backward pass. The Gram matrix of relu1_1 is accumulated
/// block by block.
package struct FirstBlock {
  private let first: RowConvolution
  private let firstBias: FloatBuffer
  private let firstBackward: ProjectionConvolution?
  private let second: WinogradConvolution
  private let secondBias: FloatBuffer
  private let secondBackward: WinogradConvolution?
  private let padding: Padding
  /// The preprocessing's scale and offset, repeated for each pixel of a row.
  private let scales: FloatBuffer
  private let means: FloatBuffer
  private let workspace: Workspace

  /// The largest block in tiles. Their number is a multiple of every micro-kernel's rows.
  private static let blockSize = (rows: 6, columns: 8)
  /// The largest number of pixels in a row of a block's part of the picture.
  private static let mostColumns = 8 * blockSize.columns

  /// Whether two convolutions have the shapes of VGG's first two.
  static func canCompute(first: PackedShape?, second: PackedShape?, hasGradient: Bool) -> Bool {
    guard let first, let second, first.inputs == 3, first.size == 3, !first.isWinograd else {
      return false
    }
    // The backward pass of the first must be a projection to the picture's three channels.
    return second.canPool(hasBackward: hasGradient)
      && (!hasGradient || 3 * 3 * 3 <= first.outputs)
  }

  /// Creates the block from two convolutions that satisfy `canCompute`.
  ///
  /// - Parameters:
  ///   - padding: the padding of the first convolution.
  ///   - affine: the preprocessing.
  ///   - workspace: the workspace of every run.
  init(
    first: ConvolutionLayer, second: ConvolutionLayer, padding: Padding, affine: Affine,
    workspace: Workspace
  ) {
    guard case .rows(let firstForward) = first.forward.method,
      case .winograd(let secondForward) = second.forward.method
    else { preconditionFailure("The first block needs convolutions of VGG's shapes.") }
    self.first = firstForward
    self.second = secondForward
    firstBias = first.bias
    secondBias = second.bias
    firstBackward = first.backward?.projection
    if case .winograd(let backward) = second.backward?.method {
      secondBackward = backward
    } else {
      secondBackward = nil
    }
    self.padding = padding
    scales = FloatBuffer(count: 3 * Self.mostColumns)
    means = FloatBuffer(count: 3 * Self.mostColumns)
    for i in 0..<means.count {
      (scales.pointer[i], means.pointer[i]) = (affine.scale[i % 3], affine.offset[i % 3])
    }
    self.workspace = workspace
  }

  private var channels: Int { first.outputs }

  // MARK: Forward

  /// Computes the pooled map of a picture, and the Gram matrix of relu1_1.
  ///
  /// - Parameters:
  ///   - image: `[height, width, 3]`.
  ///   - bits: receives one bit for each value of relu1_2, for `backward`.
  ///   - part: the positions of relu1_1 in the Gram matrix; nil for all.
  package func forward(
    _ image: UnsafePointer<Float>, height: Int, width: Int, pooling: Pooling,
    into pooled: UnsafeMutablePointer<Float>, _ bits: SignBits, gram: GramMatrix?,
    part: MapPart? = nil
  ) {
    let shape = MapShape(height: height, width: width, channels: channels)
    let outputs = MapShape(height: height, width: width, channels: second.outputs)
    let blocks = Array(blocks(of: shape, for: second).joined())
    let target = WinogradConvolution.Target.pooled(
      pooled, bits, pooling, outputs, bias: secondBias.pointer)
    func run(_ block: TileBlock, sum: UnsafeMutablePointer<Float>?, _ scratch: Scratch) {
      let area = Area(block, of: second)
      computeFirst(area, margin: 1, of: image, shape, scratch)
      if let gram, let sum { add(area, shape, part, to: sum, of: gram, scratch) }
      let (map, rowStride) = surrounded(area, margin: 1, scratch.region)
      let source = WinogradPatches.Source.map(
        map, rowStride: rowStride, shape, hasSurroundings: true)
      second.run(block, source, target, scratch: scratch.rest)
    }
    guard let gram else {
      workspace.parallel(blocks.count, scratch: scratchCount) { index, scratch in
        run(blocks[index], sum: nil, Scratch(scratch, self))
      }
      return
    }
    let sums = gram.startSum(workspace)
    workspace.parallel(sums.count, scratch: scratchCount) { part, scratch in
      let range = blocks.count * part / sums.count..<blocks.count * (part + 1) / sums.count
      for index in range { run(blocks[index], sum: sums[part], Scratch(scratch, self)) }
    }
    gram.finishSum(
      sums, divisor: Double(part?.count ?? shape.positions), workspace: workspace)
  }

  /// Adds an area's positions of relu1_1 to the sum of a Gram matrix.
  private func add(
    _ area: Area, _ shape: MapShape, _ part: MapPart?,
    to sum: UnsafeMutablePointer<Float>, of gram: GramMatrix, _ scratch: Scratch
  ) {
    let size = area.size(in: shape)
    let rowLength = area.columns + 2
    let inside = part.map { area.part($0) }
    for y in inside?.rows ?? 0..<size.height {
      let columns = inside?.columns ?? 0..<size.width
      gram.add(
        scratch.region + ((y + 1) * rowLength + 1 + columns.lowerBound) * channels,
        positions: columns.count, to: sum)
    }
  }

  // MARK: Backward

  /// Computes the gradient with respect to the picture.
  ///
  /// - Parameters:
  ///   - gradient: the gradient with respect to the pooled map.
  ///   - bits: the bits that `forward` wrote.
  ///   - loss: the gradient of a loss of relu1_1's statistics.
  ///   - imageGradient: receives the gradient, `[height, width, 3]`.
  package func backward(
    _ gradient: UnsafePointer<Float>, _ bits: SignBits, pooling: Pooling,
    loss: LocalGradient?, _ image: UnsafePointer<Float>, height: Int, width: Int,
    into imageGradient: UnsafeMutablePointer<Float>
  ) {
    let shape = MapShape(height: height, width: width, channels: channels)
    let outputs = MapShape(height: height, width: width, channels: second.outputs)
    let source = WinogradPatches.Source.unpooled(gradient, bits, pooling, outputs)
    workspace.parallelRanges(height, length: 16) { rows in
      (imageGradient + rows.lowerBound * width * 3)
        .update(repeating: 0, count: rows.count * width * 3)
    }
    // Blocks overlap by a pixel in the picture's gradient. Of every 2x2 blocks only one is
    // written at a time, which avoids races and fixes the order of sums.
    let blocks = blocks(of: shape, for: secondBackward!)
    for group in 0..<4 {
      let chosen = blocks.enumerated().filter { $0.offset % 2 == group / 2 }.flatMap { row in
        row.element.enumerated().filter { $0.offset % 2 == group % 2 }.map(\.element)
      }
      workspace.parallel(chosen.count, scratch: scratchCount) { index, memory in
        let (block, scratch) = (chosen[index], Scratch(memory, self))
        let area = Area(block, of: secondBackward!)
        computeFirst(area, margin: 0, of: image, shape, scratch)
        let (map, rowStride) = surrounded(area, margin: 0, scratch.region)
        var local = loss
        local?.part = loss?.part.map { area.part($0) }
        let epilogue = Epilogue(
          gradient: local.map { ($0, UnsafePointer(map)) }, mask: .positive(map))
        secondBackward!.run(
          block, source, .map(map, rowStride: rowStride, shape, epilogue), scratch: scratch.rest)
        firstBackward!.add(
          scratch.region, rows: area.size(in: shape).height, columns: area.columns, top: area.top,
          left: area.left, to: imageGradient, height: height, width: width, scratch: scratch.rest,
          kernels: workspace.kernels)
      }
    }
    let scales = UnsafePointer(scales.pointer)
    workspace.parallelRanges(height * width, length: 1 << 14) { range in
      for i in 3 * range.lowerBound..<3 * range.upperBound { imageGradient[i] *= scales[i % 3] }
    }
  }

  // MARK: Blocks

  /// The blocks of a convolution that cover a map. They must not depend on the number of threads,
  /// because sums are taken block by block.
  private func blocks(of shape: MapShape, for convolution: WinogradConvolution) -> [[TileBlock]] {
    TileGrid(shape, tileSize: convolution.tileSize).blocks(atMost: Self.blockSize, threads: 1)
  }

  /// The positions of a block's tiles. They may extend beyond the map.
  private struct Area {
    let top: Int
    let left: Int
    let rows: Int
    let columns: Int

    init(_ block: TileBlock, of convolution: WinogradConvolution) {
      top = block.rows.lowerBound * convolution.tileSize
      left = block.columns.lowerBound * convolution.tileSize
      rows = block.rows.count * convolution.tileSize
      columns = block.columns.count * convolution.tileSize
    }

    /// The size of the part that lies within a map.
    func size(in shape: MapShape) -> (height: Int, width: Int) {
      (min(rows, shape.height - top), min(columns, shape.width - left))
    }

    /// The part of a map that lies in the area.
    func part(_ part: MapPart) -> MapPart {
      part.inRegion(top: top, left: left, rows: rows, columns: columns)
    }
  }

  /// A thread's scratch memory: relu1_1 of an area, the picture around it, and memory that the
  /// other steps use in turn.
  private struct Scratch {
    let region: UnsafeMutablePointer<Float>
    let picture: UnsafeMutablePointer<Float>
    let rest: UnsafeMutablePointer<Float>

    init(_ memory: UnsafeMutablePointer<Float>, _ block: FirstBlock) {
      region = memory
      picture = region + block.regionSize(margin: 1) * block.channels
      rest = picture + block.regionSize(margin: 2) * 3
    }
  }

  /// The number of positions of the largest area with a margin around it.
  private func regionSize(margin: Int) -> Int {
    let tileSize = max(second.tileSize, secondBackward?.tileSize ?? 0)
    return (tileSize * Self.blockSize.rows + 2 * margin)
      * (tileSize * Self.blockSize.columns + 2 * margin)
  }

  private var scratchCount: Int {
    let tiles = Self.blockSize.rows * Self.blockSize.columns
    let convolutions = [second, secondBackward].compactMap { $0?.scratchCount(tiles: tiles) }
    let contributions = regionSize(margin: 0) * (firstBackward?.contributions ?? 0)
    return regionSize(margin: 1) * channels + regionSize(margin: 2) * 3
      + max(convolutions.max()!, contributions)
  }

  /// Addresses an area's region as if it were part of the whole map: the pointer to the map's
  /// origin, and the row stride.
  private func surrounded(
    _ area: Area, margin: Int, _ region: UnsafeMutablePointer<Float>
  ) -> (UnsafeMutablePointer<Float>, rowStride: Int) {
    let rowLength = area.columns + 2 * margin
    let (top, left) = (area.top - margin, area.left - margin)
    return (region - (top * rowLength + left) * channels, rowLength * channels)
  }

  /// Computes relu1_1 of an area with a margin around it, with zeros outside of the map.
  private func computeFirst(
    _ area: Area, margin: Int, of image: UnsafePointer<Float>, _ shape: MapShape,
    _ scratch: Scratch
  ) {
    let (top, left) = (area.top - margin, area.left - margin)
    let (rows, columns) = (area.rows + 2 * margin, area.columns + 2 * margin)
    preprocess(
      image, shape, rows: top - 1..<top + rows + 1, columns: left - 1..<left + columns + 1,
      into: scratch.picture)
    let inside = max(0, -left)..<min(columns, shape.width - left)
    let pictureRow = (columns + 2) * 3
    for y in 0..<rows {
      let row = scratch.region + y * columns * channels
      guard 0..<shape.height ~= top + y else {
        row.update(repeating: 0, count: columns * channels)
        continue
      }
      row.update(repeating: 0, count: inside.lowerBound * channels)
      first.convolve(
        scratch.picture + y * pictureRow + inside.lowerBound * 3, rowStride: pictureRow,
        count: inside.count, into: row + inside.lowerBound * channels, kernels: workspace.kernels)
      Epilogue(bias: firstBias.pointer, relu: true).apply(
        to: row + inside.lowerBound * channels, at: 0..<inside.count, channels: channels,
        scratch: scratch.rest, kernels: workspace.kernels)
      (row + inside.upperBound * channels)
        .update(repeating: 0, count: (columns - inside.upperBound) * channels)
    }
  }

  /// Writes a part of the preprocessed picture, with padding outside of the picture.
  private func preprocess(
    _ image: UnsafePointer<Float>, _ shape: MapShape, rows: Range<Int>, columns: Range<Int>,
    into picture: UnsafeMutablePointer<Float>
  ) {
    let inside = max(0, columns.lowerBound)..<min(columns.upperBound, shape.width)
    for (y, row) in rows.enumerated() {
      let line = picture + y * columns.count * 3
      line.update(repeating: 0, count: columns.count * 3)
      guard let row = padding.source(row, length: shape.height) else { continue }
      let source = image + (row * shape.width + inside.lowerBound) * 3
      let target = line + (inside.lowerBound - columns.lowerBound) * 3
      let (scales, means) = (UnsafePointer(scales.pointer), UnsafePointer(means.pointer))
      for i in 0..<inside.count * 3 { target[i] = scales[i] * source[i] - means[i] }
      for x in columns where !inside.contains(x) {
        guard let place = padding.source(x, length: shape.width) else { continue }
        for channel in 0..<3 {
          line[(x - columns.lowerBound) * 3 + channel] =
            scales[channel] * image[(row * shape.width + place) * 3 + channel] - means[channel]
        }
      }
    }
  }
}
