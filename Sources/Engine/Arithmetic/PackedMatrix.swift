import CKernels

/// The right-hand matrix of a product, `[depth, columns]`, stored in the order in which the
/// micro-kernel reads it.
///
/// The layout is blocks of rows, each split into panels of a few columns, each stored by rows.
package struct PackedMatrix: Sendable {
  package let depth: Int
  package let columns: Int
  private let panelColumns: Int
  private let storage: FloatBuffer

  package init(depth: Int, columns: Int, kernels: Kernels) {
    self.depth = depth
    self.columns = columns
    panelColumns = kernels.panelColumns
    storage = FloatBuffer(count: Self.count(depth: depth, columns: columns, kernels: kernels))
  }

  /// The number of floats in a packed matrix.
  static func count(depth: Int, columns: Int, kernels: Kernels) -> Int {
    depth * paddedColumns(columns, kernels.panelColumns)
  }

  /// The offset of the first element of a row in the panel of `column`.
  static func place(row: Int, column: Int, depth: Int, columns: Int, panelColumns: Int) -> Int {
    let block = row / blockDepth * blockDepth
    let rows = min(blockDepth, depth - block)
    let panel = column / panelColumns * panelColumns
    return block * paddedColumns(columns, panelColumns) + panel * rows
      + (row - block) * panelColumns
  }

  private static let blockDepth = Int(CK_DEPTH_BLOCK)

  private static func paddedColumns(_ columns: Int, _ panelColumns: Int) -> Int {
    (columns + panelColumns - 1) / panelColumns * panelColumns
  }

  /// Sets every element to `value(row, column)`.
  package func fill(_ value: (_ row: Int, _ column: Int) -> Float) {
    for row in 0..<depth { fill(row: row, value) }
  }

  /// Sets the elements of one row to `value(row, column)`.
  package func fill(row: Int, _ value: (_ row: Int, _ column: Int) -> Float) {
    fillPanels(of: row) { place, columns in
      for (offset, column) in columns.enumerated() { place[offset] = value(row, column) }
    }
  }

  /// Copies the elements of one row.
  ///
  /// - Parameter elements: `[columns]`.
  func copy(row: Int, from elements: UnsafePointer<Float>) {
    fillPanels(of: row) { place, columns in
      place.update(from: elements + columns.lowerBound, count: columns.count)
    }
  }

  /// Calls `write` for the part of a row in each panel, and sets what lies beyond the columns to zero.
  private func fillPanels(
    of row: Int, _ write: (UnsafeMutablePointer<Float>, _ columns: Range<Int>) -> Void
  ) {
    for start in stride(from: 0, to: columns, by: panelColumns) {
      let place =
        storage.pointer
        + Self.place(
          row: row, column: start, depth: depth, columns: columns, panelColumns: panelColumns)
      let present = min(panelColumns, columns - start)
      write(place, start..<start + present)
      (place + present).update(repeating: 0, count: panelColumns - present)
    }
  }

  /// `c = a · self`, or `c += a · self`, for `rows` rows of `a` and `c`.
  ///
  /// - Parameter stride: the distance between rows of `a`; nil if they are dense.
  func multiply(
    rows: Int, a: UnsafePointer<Float>, stride: Int? = nil, into c: UnsafeMutablePointer<Float>,
    adding: Bool, kernels: Kernels
  ) {
    kernels.table.pointee.multiply(
      rows, columns, depth, a, stride ?? depth, storage.pointer, c, columns, adding)
  }

  /// `c = a · self` in the panels that contain `column` or lie after it, for `rows` dense rows of
  /// `a` and `c`.
  func multiply(
    rows: Int, a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, from column: Int,
    kernels: Kernels
  ) {
    let first = column / panelColumns * panelColumns
    for start in stride(from: 0, to: depth, by: Self.blockDepth) {
      let place = Self.place(
        row: start, column: first, depth: depth, columns: columns, panelColumns: panelColumns)
      kernels.table.pointee.multiply(
        rows, columns - first, min(Self.blockDepth, depth - start), a + start, depth,
        storage.pointer + place, c + first, columns, start > 0)
    }
  }
}
