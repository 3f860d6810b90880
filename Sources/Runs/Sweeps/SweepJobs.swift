import Engine
import Impasto

extension Sweep {
  /// The memory of what all cells share: the process and the network.
  private static let sharedBytes = 0.4e9
  /// The memory of a cell beside its pixels.
  private static let cellBytes = 0.1e9
  /// The memory of a pixel of the result, with a reserve for masks, which keep more maps.
  private static let bytesPerPixel = 1000.0

  /// The number of cells that can run at once.
  static func suitableJobs(for cells: [Cell]) -> Int {
    let largest = cells.map { bytes(of: $0) }.max() ?? 0
    let available = Double(AvailableMemory.bytes) - sharedBytes
    return max(1, min(ProcessorCount.available, Int(available / max(1, largest))))
  }

  /// The memory of a cell. A cell whose files cannot be read fails when it runs.
  private static func bytes(of cell: Cell) -> Double {
    let own = try? (cell.recipe.content ?? cell.recipe.style?.first).map {
      try PictureFile(paintingNamed: $0).size
    }
    guard let size = own.map(cell.recipe.resultSize) else { return cellBytes }
    return cellBytes + bytesPerPixel * Double(size.width) * Double(size.height)
  }
}
