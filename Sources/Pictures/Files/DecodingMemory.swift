import CVips
import Engine

/// The memory that decoding a picture takes.
struct DecodingMemory {
  /// The floats that libvips and `Picture` have of a decoded pixel at the same time.
  static let floats = 64.0
  /// The integers of up to 16 bits that libvips has of a decoded pixel at the same time.
  static let packed = 12.0
  /// The rows that libvips holds of a picture that it shrinks while it reads.
  private static let streamedRows = 128.0

  let bytes: Double

  /// The memory for decoding a file with libvips in the given size.
  init(_ header: cvips_header, size: PixelSize, bytesPerPixel: Double = floats) {
    // A decoder's own buffers beside its result.
    let bytesPerSource = Double(2 * header.bands * max(header.bytes, 2))
    let rows =
      header.is_streamed ? min(Self.streamedRows, Double(header.height)) : Double(header.height)
    bytes =
      bytesPerPixel * Double(size.width) * Double(size.height)
      + bytesPerSource * Double(header.width) * rows
  }

  /// The memory for decoding a file of `source` pixels with a reader of our own.
  init(bitmap source: PixelSize, size: PixelSize) {
    // Four floats, four integers, and the file.
    let bytesPerSource = 40.0
    bytes =
      Self.floats * Double(size.width) * Double(size.height)
      + bytesPerSource * Double(source.width) * Double(source.height)
  }

  /// Checks that this much memory is available.
  ///
  /// - Throws: `UnreadableFormat`.
  func check(_ size: PixelSize) throws {
    let available = Double(AvailableMemory.bytes)
    guard bytes > available else { return }
    throw UnreadableFormat(
      "its \(size) pixels are too large for memory: reading them takes \(AvailableMemory.text(bytes)), and \(AvailableMemory.text(available)) are available"
    )
  }
}
