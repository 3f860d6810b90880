import CVips
import Engine

/// A picture file that libvips decodes.
struct VipsPicture: Sendable {
  let path: String
  let header: cvips_header
  /// The bands to keep; nil for all of them.
  private let bands: (colors: Int, alpha: Int)?
  /// What is left out.
  let notes: [String]

  /// Reads the header and checks that the file is one that libvips reads right.
  ///
  /// - Throws: `UnreadableFormat`, and `PictureError.vipsUnavailable`.
  init(path: String) throws {
    self.path = path
    let start = try FileBytes(path: path).bytes(at: 0, count: 16)
    if RawFile.matches(start) { throw UnreadableFormat(RawFile.advice) }
    let directory = try? TIFFDirectory(path: path)
    try directory?.check()
    var header = cvips_header()
    if let failure = try VipsLibrary.call({ path.withVipsPath { cvips_read_header($0, &header) } })
    {
      throw UnreadableFormat(PictureFailure.text(of: failure))
    }
    self.header = header
    try Self.checkValues(header)
    let selection = directory?.bands
    bands = selection.flatMap { header.bands > $0.colors ? $0 : nil }
    notes = Self.notes(header, directory)
  }

  private static func checkValues(_ header: cvips_header) throws {
    let isFloat = header.values == CVIPS_FLOATS
    if isFloat, header.loader == CVIPS_LOADER_JXL {
      throw UnreadableFormat(
        "JPEG XL with floating-point values is not supported; save it with 8 or 16 bits")
    }
    let isTIFF = header.loader == CVIPS_LOADER_TIFF
    guard header.values == CVIPS_8_BITS || header.values == CVIPS_16_BITS || (isFloat && isTIFF)
    else {
      throw UnreadableFormat("its values are not supported; save it with 8 or 16 bits")
    }
  }

  private static func notes(_ header: cvips_header, _ directory: TIFFDirectory?) -> [String] {
    var notes: [String] = []
    let pages = directory?.pages ?? header.pages
    // JPEG 2000 counts its resolutions.
    if pages > 1, header.loader != CVIPS_LOADER_JP2K {
      notes.append("only the first of its \(pages) pages or frames is used")
    }
    if directory?.hasOtherSamples == true {
      notes.append("its extra channels are neither colors nor transparency, and are ignored")
    }
    if header.values == CVIPS_FLOATS, !header.has_profile {
      notes.append("its floats have no profile, and are read as sRGB values 0 to 1")
    }
    return notes
  }

  /// Whether the file has a band of opacity.
  var hasAlpha: Bool { bands.map { $0.alpha >= 0 } ?? header.has_alpha }

  /// Decodes to `[height, width, 4]` values, and returns whether there is transparency.
  ///
  /// A JPEG that is slightly damaged is read as far as possible.
  ///
  /// - Throws: `UnreadableFormat`.
  func decode(
    _ size: PixelSize, into values: UnsafeMutablePointer<Float>, _ notes: PictureNotes,
    onEntry: () -> Void
  ) throws -> Bool {
    try reading(size, notes) {
      onEntry()
      return cvips_read(&$0, values, &$1)
    }.has_alpha
  }

  /// Decodes to packed colors; nil for a picture with alpha.
  ///
  /// A JPEG that is slightly damaged is read as far as possible.
  ///
  /// - Throws: `UnreadableFormat`.
  func packed(_ size: PixelSize, _ notes: PictureNotes) throws -> PackedPicture? {
    var kind = CVIPS_OTHER_VALUES
    var values: UnsafeMutableRawPointer?
    let outcome = try reading(size, notes) { cvips_read_packed(&$0, &kind, &values, &$1) }
    guard !outcome.has_alpha, let values else { return nil }
    return PackedPicture(
      size: size, depth: kind == CVIPS_8_BITS ? .eight : .sixteen, decoded: values)
  }

  /// Decodes the file, at a second attempt with the damage of a slightly damaged JPEG.
  private func reading(
    _ size: PixelSize, _ notes: PictureNotes,
    _ read: (inout cvips_request, inout cvips_outcome) -> Bool
  ) throws -> cvips_outcome {
    var outcome = cvips_outcome()
    var failure = try call(size, &outcome, toleratesDamage: false, read)
    if failure != nil, header.loader == CVIPS_LOADER_JPEG, let damage = JPEGDamage.note(path: path)
    {
      failure = try call(size, &outcome, toleratesDamage: true, read)
      if failure == nil { notes.add(damage) }
    }
    if let failure { throw UnreadableFormat(PictureFailure.text(of: failure)) }
    if outcome.ignores_profile {
      notes.add("its color profile cannot be used and is ignored")
    }
    return outcome
  }

  private func call(
    _ size: PixelSize, _ outcome: inout cvips_outcome, toleratesDamage: Bool,
    _ read: (inout cvips_request, inout cvips_outcome) -> Bool
  ) throws -> String? {
    try path.withVipsPath { path in
      var request = cvips_request()
      request.path = path
      (request.width, request.height) = (size.width, size.height)
      (request.colors, request.alpha) = (bands?.colors ?? 0, bands?.alpha ?? -1)
      request.tolerates_damage = toleratesDamage
      return try VipsLibrary.call { read(&request, &outcome) }
    }
  }
}
