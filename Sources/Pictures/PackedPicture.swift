import CVips
import Engine
import Foundation

/// A picture in memory in the depth of a file: with 8 bits a quarter of the size of a `Picture`.
///
/// It is a class because pictures of this kind are large and are written part by part. One thread at a
/// time may write.
public final class PackedPicture: @unchecked Sendable {
  /// The bits of each value.
  public enum Depth: Int, Sendable {
    case eight = 8
    case sixteen = 16
    /// Floats, which are not limited to 0...1.
    case float = 32

    /// The bytes of each value.
    public var bytes: Int { rawValue / 8 }
  }

  /// The width and height in pixels.
  public let size: PixelSize
  /// The bits of each value.
  public let depth: Depth
  /// The opacity as in ``Picture/alpha``.
  public let alpha: Tensor?
  /// Gamma-encoded sRGB, `[height, width, 3]`.
  private let colors: UnsafeMutableRawPointer
  private let free: (UnsafeMutableRawPointer) -> Void

  /// Makes a black picture.
  public init(size: PixelSize, depth: Depth, alpha: Tensor? = nil) {
    precondition(alpha == nil || alpha!.shape == [size.height, size.width])
    (self.size, self.depth, self.alpha) = (size, depth, alpha)
    let bytes = 3 * size.width * size.height * depth.bytes
    colors = .allocate(byteCount: bytes, alignment: MemoryLayout<Float>.alignment)
    colors.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    free = { $0.deallocate() }
  }

  /// Takes over colors that libvips has decoded.
  init(size: PixelSize, depth: Depth, decoded: UnsafeMutableRawPointer) {
    (self.size, self.depth, colors) = (size, depth, decoded)
    alpha = nil
    free = { cvips_free($0) }
  }

  /// Packs a picture, with its values rounded to the depth.
  public convenience init(_ picture: Picture, depth: Depth) {
    self.init(size: picture.size, depth: depth, alpha: picture.alpha)
    picture.pixels.elements.withUnsafeBufferPointer {
      write($0.baseAddress!, at: 0, count: $0.count)
    }
  }

  deinit { free(colors) }

  /// The bytes of all values.
  public var byteCount: Int {
    3 * size.width * size.height * depth.bytes + 4 * (alpha?.elements.count ?? 0)
  }

  /// The same picture with floats.
  public var picture: Picture {
    let count = 3 * size.width * size.height
    let elements = [Float](unsafeUninitializedCapacity: count) { elements, initialized in
      read(into: elements.baseAddress!, at: 0, count: count)
      initialized = count
    }
    return Picture(
      pixels: Tensor(shape: [size.height, size.width, 3], elements: elements), alpha: alpha)
  }

  /// Reads a part of a row: red, green and blue of each pixel, 0...1.
  ///
  /// - Precondition: the row and the columns are in the picture.
  package func read(row: Int, columns: Range<Int>, into values: UnsafeMutablePointer<Float>) {
    let start = index(row, columns)
    read(into: values, at: start, count: 3 * columns.count)
  }

  /// Writes a part of a row: red, green and blue of each pixel. Integers are limited to 0...1.
  ///
  /// - Precondition: the row and the columns are in the picture.
  package func write(row: Int, columns: Range<Int>, _ values: UnsafePointer<Float>) {
    let start = index(row, columns)
    write(values, at: start, count: 3 * columns.count)
  }

  private func index(_ row: Int, _ columns: Range<Int>) -> Int {
    precondition((0..<size.height).contains(row))
    precondition(columns.lowerBound >= 0 && columns.upperBound <= size.width)
    return 3 * (row * size.width + columns.lowerBound)
  }

  private func read(into values: UnsafeMutablePointer<Float>, at start: Int, count: Int) {
    switch depth {
    case .eight:
      let colors = colors.assumingMemoryBound(to: UInt8.self) + start
      for i in 0..<count { values[i] = Float(colors[i]) * (1 / 255) }
    case .sixteen:
      let colors = colors.assumingMemoryBound(to: UInt16.self) + start
      for i in 0..<count { values[i] = Float(colors[i]) * (1 / 65535) }
    case .float:
      let colors = colors.assumingMemoryBound(to: Float.self) + start
      for i in 0..<count { values[i] = colors[i] }
    }
  }

  private func write(_ values: UnsafePointer<Float>, at start: Int, count: Int) {
    // In this order of arguments, NaN becomes 0.
    switch depth {
    case .eight:
      let colors = colors.assumingMemoryBound(to: UInt8.self) + start
      for i in 0..<count { colors[i] = UInt8(min(max(0, values[i]), 1) * 255 + 0.5) }
    case .sixteen:
      let colors = colors.assumingMemoryBound(to: UInt16.self) + start
      for i in 0..<count { colors[i] = UInt16(min(max(0, values[i]), 1) * 65535 + 0.5) }
    case .float:
      let colors = colors.assumingMemoryBound(to: Float.self) + start
      for i in 0..<count { colors[i] = values[i] }
    }
  }

  /// The picture in another size.
  ///
  /// - Throws: `PictureError` if memory runs out.
  public func resized(to size: PixelSize) throws -> Picture {
    guard alpha == nil else { return try picture.resized(to: size) }
    var values = [Float](repeating: 0, count: 3 * size.width * size.height)
    let failure = try withInterleaved { pixels in
      try VipsLibrary.call { cvips_resize(&pixels, size.width, size.height, &values) }
    }
    if let failure { throw PictureError.unreadable(path: "picture in memory", reason: failure) }
    let pixels = Tensor(shape: [size.height, size.width, 3], elements: values)
    return Picture(pixels: pixels.clamped())
  }

  /// The picture in front of white, opaque.
  var overWhite: PackedPicture {
    guard let alpha else { return self }
    let result = PackedPicture(size: size, depth: depth)
    var values = [Float](repeating: 0, count: 3 * size.width)
    for row in 0..<size.height {
      read(row: row, columns: 0..<size.width, into: &values)
      for i in values.indices {
        let opacity = alpha.elements[row * size.width + i / 3]
        values[i] = opacity * values[i] + (1 - opacity)
      }
      result.write(row: row, columns: 0..<size.width, values)
    }
    return result
  }

  /// Calls a closure with the bytes of the colors.
  package func withUnsafeValues<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    try withExtendedLifetime(self) {
      try body(
        UnsafeRawBufferPointer(start: colors, count: 3 * size.width * size.height * depth.bytes))
    }
  }

  /// Calls a closure with the bytes of the colors, to write them.
  package func withUnsafeMutableValues<Result>(
    _ body: (UnsafeMutableRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) {
      try body(
        UnsafeMutableRawBufferPointer(
          start: colors, count: 3 * size.width * size.height * depth.bytes))
    }
  }

  /// Calls a closure with the picture as libvips takes it, with alpha as a fourth value.
  func withInterleaved<Result>(_ body: (inout cvips_pixels) throws -> Result) rethrows -> Result {
    var pixels = cvips_pixels()
    (pixels.width, pixels.height, pixels.bands) = (size.width, size.height, 3)
    pixels.kind =
      switch depth {
      case .eight: CVIPS_8_BITS
      case .sixteen: CVIPS_16_BITS
      case .float: CVIPS_FLOATS
      }
    guard let alpha else {
      return try withUnsafeValues {
        pixels.values = $0.baseAddress
        return try body(&pixels)
      }
    }
    pixels.bands = 4
    // The opacity in the picture's depth, as if it were a row of a third of the pixels.
    let opacity = PackedPicture(
      size: PixelSize(width: (alpha.elements.count + 2) / 3, height: 1), depth: depth)
    alpha.elements.withUnsafeBufferPointer {
      opacity.write($0.baseAddress!, at: 0, count: $0.count)
    }
    let bytes = depth.bytes
    let joined = UnsafeMutableRawPointer.allocate(
      byteCount: 4 * bytes * alpha.elements.count, alignment: MemoryLayout<Float>.alignment)
    defer { joined.deallocate() }
    for pixel in 0..<alpha.elements.count {
      let target = joined + 4 * bytes * pixel
      target.copyMemory(from: colors + 3 * bytes * pixel, byteCount: 3 * bytes)
      (target + 3 * bytes).copyMemory(from: opacity.colors + bytes * pixel, byteCount: bytes)
    }
    pixels.values = UnsafeRawPointer(joined)
    return try withExtendedLifetime(opacity) { try body(&pixels) }
  }
}
