import CVips
import Engine
import Files

/// A picture on disk: JPEG, PNG, WebP, TIFF, HEIC, AVIF, JPEG XL, JPEG 2000, OpenEXR, BMP, TGA,
/// PBM, PGM, PPM, PAM or PFM, or the first frame of a GIF.
///
/// The format is detected from the content; TGA also from its extension.
public struct PictureFile: Sendable {
  /// The path of the file, or `-` for standard input.
  public let path: String
  /// The path that the bytes are read from: that of a temporary file for a pipe.
  package let location: String
  /// The size of the picture with its EXIF orientation applied.
  public let size: PixelSize
  /// The resolution that the file states, which is 72 dpi for a JPEG or PNG that states none; nil
  /// for other files without one.
  public let resolution: Resolution?
  private let source: Source
  private let remarks = PictureNotes()

  private enum Source {
    case vips(VipsPicture)
    case bitmap(any BitmapReader)
  }

  /// The formats that can be read.
  static let formats = """
    JPEG, PNG, WebP, TIFF, HEIC, AVIF, GIF, JPEG XL, JPEG 2000, OpenEXR, BMP, TGA or Netpbm
    """

  /// What does not come into the picture, such as the other pages of the file or its damaged
  /// part: sentences that name the file. Some are known only after decoding.
  public var notes: [String] { remarks.all.map { "\(path): \($0)." } }

  /// Reads a picture's header.
  ///
  /// - Parameter acceptsPipe: whether the path may be a pipe, or `-` for standard input. A pipe is
  ///   read to its end, at most 1 GiB, once in a process; a cancellation of the task ends the wait.
  /// - Throws: `PictureError.unreadable` if the file is not a picture, or neither a regular file
  ///   nor a pipe.
  public init(_ path: String, acceptsPipe: Bool = false) throws {
    self.path = path
    location = try Self.location(of: path, acceptsPipe)
    do {
      if let reader = try BitmapFormat.reader(of: location) {
        (source, size, resolution) = (.bitmap(reader), reader.size, nil)
        reader.notes.forEach(remarks.add)
      } else {
        let picture = try VipsPicture(path: location)
        let header = picture.header
        source = .vips(picture)
        size = PixelSize(width: header.width, height: header.height)
        resolution = Resolution(pixelsPerMillimeter: header.across, header.down)
        picture.notes.forEach(remarks.add)
      }
    } catch let error as UnreadableFormat {
      throw PictureError.unreadable(path: path, reason: error.reason)
    }
  }

  /// Whether the picture may be transparent, as far as its header says; false for a bitmap.
  package var hasAlpha: Bool {
    guard case .vips(let picture) = source else { return false }
    return picture.hasAlpha
  }

  /// Decodes the picture in the given size, resampled with a Lanczos kernel.
  ///
  /// Shrinking a large picture does not need all of it in memory.
  ///
  /// A JPEG that lacks at most a tenth of its rows, or the last details of a progressive one, is
  /// read as far as possible, and `notes` says so.
  ///
  /// - Throws: `PictureError.unreadable` if the file is damaged, truncated, or too large for the
  ///   available memory.
  public func decoded(_ size: PixelSize) throws -> Picture {
    try decoded(size, onEntry: {})
  }

  /// Decodes the picture in the depth of the file, for pictures that are large.
  ///
  /// The values are those of ``decoded(_:)``; a transparent picture is decoded like there first.
  ///
  /// - Throws: `PictureError.unreadable` as `decoded(_:)` does.
  public func packed(_ size: PixelSize) throws -> PackedPicture {
    do {
      if case .vips(let picture) = source {
        try DecodingMemory(picture.header, size: size, bytesPerPixel: DecodingMemory.packed)
          .check(self.size)
        if let packed = try picture.packed(size, remarks) { return packed }
      }
      return try PackedPicture(decodedPicture(size, onEntry: {}), depth: .sixteen)
    } catch let error as UnreadableFormat {
      throw PictureError.unreadable(path: path, reason: error.reason)
    }
  }

  /// Decodes the picture, for tests of decoders that run at the same time.
  ///
  /// - Parameter onEntry: runs inside the call of libvips, before the file is opened.
  package func decoded(_ size: PixelSize, onEntry: () -> Void) throws -> Picture {
    do {
      return try decodedPicture(size, onEntry: onEntry)
    } catch let error as UnreadableFormat {
      throw PictureError.unreadable(path: path, reason: error.reason)
    }
  }

  private func decodedPicture(_ size: PixelSize, onEntry: () -> Void) throws -> Picture {
    try checkMemory(size)
    let buffer = FloatBuffer(count: size.width * size.height * 4)
    defer { withExtendedLifetime(buffer) {} }
    let values = buffer.pointer
    let hasAlpha =
      switch source {
      case .vips(let picture):
        try picture.decode(size, into: values, remarks, onEntry: onEntry)
      case .bitmap(let reader): try decode(reader, size, into: values)
      }
    var pixels = [Float](repeating: 0, count: size.width * size.height * 3)
    var alphas = [Float](repeating: 0, count: hasAlpha ? size.width * size.height : 0)
    for i in 0..<size.width * size.height {
      for channel in 0..<3 { pixels[3 * i + channel] = values[4 * i + channel] }
      if hasAlpha { alphas[i] = min(max(values[4 * i + 3], 0), 1) }
    }
    let isTransparent = alphas.contains { $0 < 1 }
    return Picture(
      pixels: Tensor(shape: [size.height, size.width, 3], elements: pixels),
      alpha: isTransparent ? Tensor(shape: [size.height, size.width], elements: alphas) : nil
    ).withVisibleColorsContinued()
  }

  private func checkMemory(_ size: PixelSize) throws {
    switch source {
    case .vips(let picture): try DecodingMemory(picture.header, size: size).check(self.size)
    case .bitmap: try DecodingMemory(bitmap: self.size, size: size).check(self.size)
    }
  }

  /// Decodes a bitmap to `[height, width, 4]` values, and returns whether there is transparency.
  private func decode(
    _ reader: any BitmapReader, _ size: PixelSize, into values: UnsafeMutablePointer<Float>
  ) throws -> Bool {
    let pixels = try reader.pixels()
    var request = cvips_request()
    (request.width, request.height) = (size.width, size.height)
    var outcome = cvips_outcome()
    if let failure = try VipsLibrary.call({
      cvips_convert(pixels, reader.size.width, reader.size.height, &request, values, &outcome)
    }) {
      throw UnreadableFormat(PictureFailure.text(of: failure))
    }
    return outcome.has_alpha
  }

  /// Reads the file's XMP packet; nil if it has none.
  ///
  /// - Throws: `PictureError.unreadable`.
  public func xmp() throws -> String? {
    guard case .vips = source else { return nil }
    var bytes: UnsafeMutablePointer<CChar>?
    if let failure = try VipsLibrary.call({
      location.withVipsPath({ cvips_read_xmp($0, &bytes) })
    }) {
      throw PictureError.unreadable(path: path, reason: PictureFailure.text(of: failure))
    }
    defer { cvips_free(bytes) }
    return bytes.map { String(cString: $0) }
  }

  private static func location(of path: String, _ acceptsPipe: Bool) throws -> String {
    do {
      if acceptsPipe, try path == PipedFile.standardInput || InputFile.kind(of: path) == .pipe {
        return try PipedFile.contents(of: path)
      }
      try InputFile.checkRegular(path)
      return path
    } catch FileError.unreadable(_, let reason) {
      throw PictureError.unreadable(path: path, reason: reason)
    }
  }

  /// The version of libvips, which decodes and encodes pictures.
  public static var vipsVersion: String { String(cString: cvips_version()) }
}
