import Engine

extension Picture {
  /// The picture with the colors of its visible pixels continued into the invisible ones, so that
  /// filters see no edge between them.
  ///
  /// The method is the pull-push interpolation of Gortler et al. (1996), "The Lumigraph": empty
  /// cells take their colors from a pyramid of coarser grids. A picture without a visible pixel
  /// becomes white.
  func withVisibleColorsContinued() -> Picture {
    guard let alpha, alpha.elements.contains(where: { $0 < Self.leastOpacity }) else { return self }
    let cells = alpha.elements.enumerated().map { i, opacity in
      guard opacity >= Self.leastOpacity else { return SIMD4<Float>() }
      let color = pixels.elements[3 * i..<3 * i + 3]
      return opacity * SIMD4(color[3 * i], color[3 * i + 1], color[3 * i + 2], 1)
    }
    let filled = ColorGrid(width: width, height: height, cells: cells).filled()
    var elements = pixels.elements
    for (i, opacity) in alpha.elements.enumerated() where opacity < Self.leastOpacity {
      for channel in 0..<3 { elements[3 * i + channel] = filled.cells[i][channel] }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}

/// Colors with weights on a grid: red, green and blue times the weight, and the weight.
private struct ColorGrid {
  let width: Int
  let height: Int
  var cells: [SIMD4<Float>]

  /// The grid with a color of weight 1 in every cell.
  func filled() -> ColorGrid {
    var result = self
    for i in cells.indices where cells[i].w > 0 { result.cells[i] /= cells[i].w }
    guard cells.contains(where: { $0.w == 0 }) else { return result }
    guard cells.count > 1 else {
      return ColorGrid(width: 1, height: 1, cells: [SIMD4(repeating: 1)])
    }
    let coarse = halved().filled()
    for y in 0..<height {
      for x in 0..<width where cells[y * width + x].w == 0 {
        result.cells[y * width + x] = coarse.interpolated(x, y)
      }
    }
    return result
  }

  /// The sums of two by two cells.
  private func halved() -> ColorGrid {
    let (half, rows) = ((width + 1) / 2, (height + 1) / 2)
    var sums = [SIMD4<Float>](repeating: .zero, count: half * rows)
    for y in 0..<height {
      for x in 0..<width { sums[y / 2 * half + x / 2] += cells[y * width + x] }
    }
    return ColorGrid(width: half, height: rows, cells: sums)
  }

  /// The bilinear interpolation at a cell of a grid of twice the size.
  private func interpolated(_ x: Int, _ y: Int) -> SIMD4<Float> {
    let (column, row) = (x / 2, y / 2)
    let across = min(max(column + (x % 2 == 0 ? -1 : 1), 0), width - 1)
    let down = min(max(row + (y % 2 == 0 ? -1 : 1), 0), height - 1)
    let near = 0.75 * cells[row * width + column] + 0.25 * cells[row * width + across]
    let far = 0.75 * cells[down * width + column] + 0.25 * cells[down * width + across]
    return 0.75 * near + 0.25 * far
  }
}
