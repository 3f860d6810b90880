import Engine
import Impasto

extension Sweep {
  /// What the weights take, which all cells share: a transfer of 32x32 pixels peaks at 404 MB.
  private static let sharedBytes = 0.4e9
  /// What a cell takes beside its pixels.
  private static let cellBytes = 0.1e9
  /// What a pixel of the result takes: maps, Gram matrices and the optimiser's history. From
  /// 512x512 to 1024x1024 pixels a transfer grows by 683 bytes for each; masks keep more maps.
  private static let bytesPerPixel = 1000.0

  /// How many cells can run at once.
  static func suitableJobs(for cells: [Cell]) -> Int {
    let largest = cells.map { bytes(of: $0) }.max() ?? 0
    let room = Double(AvailableMemory.bytes) - sharedBytes
    return max(1, min(ProcessorCount.available, Int(room / max(1, largest))))
  }

  /// The memory of a cell; one whose files cannot be read will say so when its turn comes.
  private static func bytes(of cell: Cell) -> Double {
    let own = try? (cell.recipe.content ?? cell.recipe.style?.first).map {
      try PaintingFile.opened($0, .keys).size
    }
    guard let size = own.map(cell.recipe.resultSize) else { return cellBytes }
    return cellBytes + bytesPerPixel * Double(size.width) * Double(size.height)
  }
}
