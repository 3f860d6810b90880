/// The speed of the matrix product, and the processor's peak for comparison.
package struct ProductBenchmark: Sendable {
  /// Operations per second of all threads with multiply-adds in registers only. A multiply-add
  /// counts as two operations.
  package let peak: Double
  /// Operations per second of products `[tiles, channels] · [channels, channels]`, as in
  /// Winograd's method, by number of channels.
  package let products: [(channels: Int, rate: Double)]

  private static let tiles = 64
  /// The number of points of F(4x4, 3x3), whose matrices together exceed the caches.
  private static let matrices = 36
  private static let seconds = 0.2

  /// Measures the peak and the products.
  package init(workspace: Workspace) {
    let table = workspace.kernels.table.pointee
    let operations = 2 * Double(table.multiply_adds)
    peak = Self.rate(workspace, operations: operations * 1e6) { _ in
      _ = table.multiply_add(1_000_000)
    }
    products = [64, 128, 256, 512].map { channels in
      let weights = (0..<Self.matrices).map { _ in
        let matrix = PackedMatrix(depth: channels, columns: channels, kernels: workspace.kernels)
        matrix.fill { Float(($0 + $1) % 7) }
        return matrix
      }
      let count = Self.tiles * channels
      let memory = (0..<workspace.threads).map { _ in
        FloatBuffer([Float](repeating: 1, count: 2 * count))
      }
      let operations = Double(2 * Self.matrices * Self.tiles * channels * channels)
      let rate = Self.rate(workspace, operations: operations) { thread in
        let left = memory[thread].pointer
        for matrix in weights {
          matrix.multiply(
            rows: Self.tiles, a: left, into: left + count, adding: false,
            kernels: workspace.kernels)
        }
      }
      return (channels, rate)
    }
  }

  /// Operations per second while every thread repeats a body of `operations` operations.
  private static func rate(
    _ workspace: Workspace, operations: Double, _ body: (_ thread: Int) -> Void
  ) -> Double {
    workspace.parallel(workspace.threads) { body($0) }
    var runs = 0.0
    var elapsed = 0.0
    while elapsed < seconds {
      let duration = ContinuousClock().measure {
        workspace.parallel(workspace.threads) { body($0) }
      }
      elapsed += duration / .seconds(1)
      runs += 1
    }
    return runs * Double(workspace.threads) * operations / elapsed
  }
}
