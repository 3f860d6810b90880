import Engine
import Pictures

/// The memory that a transfer takes at its full size, and how it is saved.
public struct MemoryPlan: Sendable, Hashable {
  /// A part of the memory.
  public struct Part: Sendable, Hashable {
    /// What the memory holds.
    public let name: String
    /// The size in bytes.
    public let bytes: Int
  }

  /// The parts of the memory.
  public let parts: [Part]
  /// The most rows and columns of the tiles in which the picture is processed; nil for the picture as a
  /// whole. Tiles change the result by rounding only.
  public let tileSide: Int?
  /// The number of tiles.
  public let tiles: Int
  /// The pixels that the tiles see, as a multiple of the picture's.
  public let overlap: Double
  /// The bytes in a temporary file, which holds what the optimizer remembers; 0 for none. The file does
  /// not change the result.
  public let fileBytes: Int

  package init(parts: [Part], tileSide: Int?, tiles: Int, overlap: Double, fileBytes: Int) {
    (self.parts, self.tileSide, self.tiles) = (parts, tileSide, tiles)
    (self.overlap, self.fileBytes) = (overlap, fileBytes)
  }

  /// The bytes of memory.
  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }
}

/// An error about a picture that cannot be processed in the memory that there is.
public struct MemoryPlanError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The size of the result.
  public let size: PixelSize
  /// The memory that it takes at least.
  public let leastBytes: Int
  /// The memory that there is.
  public let budget: Int
  /// The longest side for that memory; nil if no size fits.
  public let largestSide: Int?

  public var description: String {
    let needed = AvailableMemory.text(Double(leastBytes))
    let there = AvailableMemory.text(Double(budget))
    let remedy =
      largestSide.map { "choose a size of at most \($0)." } ?? "that is too little for any size."
    return
      "a result of \(size) pixels needs at least \(needed) of memory, but only \(there) may be used; "
      + remedy
  }
}
