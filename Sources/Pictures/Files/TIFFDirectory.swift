/// The first directory of a TIFF file, which says how the first picture is stored.
///
/// libvips reads some kinds of TIFF files wrong without an error: this tells them apart.
struct TIFFDirectory {
  /// The values of every tag, at most 16 each.
  private let entries: Entries
  /// The number of pages in full resolution.
  let pages: Int

  private typealias Entries = [Int: [Int]]

  private enum Tag: Int {
    case subfileType = 254
    case bitsPerSample = 258
    case compression
    case photometric = 262
    case samplesPerPixel = 277
    case subdirectories = 330
    case extraSamples = 338
    case sampleFormat
    case dngVersion = 50706
  }

  private static let mostPages = 10_000
  private static let mostEntries = 4096
  private static let mostValues = 16

  /// Reads the directory; nil if the file is not TIFF.
  ///
  /// - Throws: `UnreadableFormat` if the file ends before it.
  init?(path: String) throws {
    let file = try FileBytes(path: path)
    let start = file.bytes(at: 0, count: 16)
    guard start.starts(with: [0x49, 0x49]) || start.starts(with: [0x4D, 0x4D]) else { return nil }
    var header = FileIntegers(bytes: start)
    header.isBigEndian = start[0] == 0x4D
    guard let version = try? header.u16(2), version == 42 || version == 43 else { return nil }
    let isBig = version == 43
    var offset = try isBig ? header.integer(at: 8, count: 8) : header.u32(4)
    var first: Entries?
    var pages = 0
    var seen: Set<Int> = []
    while offset != 0, seen.insert(offset).inserted, seen.count <= Self.mostPages {
      guard
        let (entries, next) = try? Self.directory(
          file, at: offset, isBigEndian: header.isBigEndian, isBig)
      else {
        guard first != nil else { throw UnreadableFormat.truncated }
        break
      }
      if first == nil { first = entries }
      // Bit 0 marks a reduced copy, and bit 2 a mask.
      if (entries[Tag.subfileType.rawValue]?.first ?? 0) & 5 == 0 { pages += 1 }
      offset = next
    }
    entries = first ?? [:]
    self.pages = pages
  }

  private static func directory(
    _ file: FileBytes, at offset: Int, isBigEndian: Bool, _ isBig: Bool
  ) throws -> (entries: Entries, next: Int) {
    let word = isBig ? 8 : 4
    let (head, step) = (isBig ? 8 : 2, isBig ? 20 : 12)
    func integers(_ offset: Int, _ count: Int) -> FileIntegers {
      FileIntegers(bytes: file.bytes(at: offset, count: count), isBigEndian: isBigEndian)
    }
    guard offset <= file.count else { throw UnreadableFormat.truncated }
    let count = try integers(offset, head).integer(at: 0, count: head)
    guard count <= mostEntries else { throw UnreadableFormat.truncated }
    let table = integers(offset + head, count * step + word)
    var entries: Entries = [:]
    for i in 0..<count {
      let at = i * step
      let type = try table.u16(at + 2)
      let length = try table.integer(at: at + 4, count: word)
      let size = [3: 2, 4: 4, 16: 8][type] ?? 1
      let stored = min(length, mostValues)
      let inline = at + 4 + word
      let isInline = length <= word / size
      let start = isInline ? inline : 0
      let values =
        isInline ? table : integers(try table.integer(at: inline, count: word), stored * size)
      entries[try table.u16(at)] = (0..<stored).compactMap {
        try? values.integer(at: start + $0 * size, count: size)
      }
    }
    return (entries, try table.integer(at: count * step, count: word))
  }

  private func values(_ tag: Tag) -> [Int] { entries[tag.rawValue] ?? [] }

  private func value(_ tag: Tag, default standard: Int) -> Int { values(tag).first ?? standard }

  private enum Photometric: Int {
    case whiteIsZero, blackIsZero, rgb, palette, mask, separated, yCbCr
    case cieLab = 8
    case iccLab, ituLab
    case colorFilterArray = 32803
    case linearRaw = 34892
  }

  private var photometric: Photometric? { Photometric(rawValue: value(.photometric, default: 0)) }

  private static let jpegCompression = 7
  private static let floats = 3

  /// Whether the file is a camera's raw file, whose first picture is often a thumbnail.
  var isRaw: Bool {
    let isReduced = value(.subfileType, default: 0) & 1 != 0
    return entries[Tag.dngVersion.rawValue] != nil
      || (isReduced && entries[Tag.subdirectories.rawValue] != nil)
      || photometric == .colorFilterArray || photometric == .linearRaw
  }

  /// Checks that libvips reads this kind of TIFF right.
  ///
  /// - Throws: `UnreadableFormat`, with what to do.
  func check() throws {
    if isRaw { throw UnreadableFormat(RawFile.advice) }
    if value(.subfileType, default: 0) & 1 != 0 {
      throw UnreadableFormat("its first page is only a thumbnail; save the full picture as PNG")
    }
    func refuse(_ what: String) -> UnreadableFormat {
      UnreadableFormat("\(what) are not supported in TIFF; save it in RGB with 8 or 16 bits")
    }
    switch photometric {
    case .cieLab, .iccLab, .ituLab: throw refuse("Lab colors")
    case .yCbCr where value(.compression, default: 1) != Self.jpegCompression:
      throw refuse("YCbCr colors without JPEG compression")
    case .whiteIsZero, .blackIsZero, .rgb, .palette, .separated, .yCbCr: break
    default: throw refuse("colors of kind \(value(.photometric, default: 0))")
    }
    let bits = value(.bitsPerSample, default: 1)
    let isFloat = value(.sampleFormat, default: 1) == Self.floats
    let isGray = [.whiteIsZero, .blackIsZero, .palette].contains(photometric)
    let depths = isFloat ? [32] : isGray ? [1, 2, 4, 8, 16] : [8, 16]
    guard depths.contains(bits) else {
      throw refuse("\(isFloat ? "floats" : "values") of \(bits) bits")
    }
    if value(.sampleFormat, default: 1) == 2 { throw refuse("signed values") }
    if photometric == .separated, samples < 4 { throw refuse("\(samples) inks") }
  }

  private var samples: Int { value(.samplesPerPixel, default: 1) }

  /// The number of color bands, and the index of the alpha band, negative for none; nil if the
  /// file has no extra samples.
  ///
  /// Only samples that the file calls alpha are alpha. Others are selections or of unknown
  /// meaning.
  var bands: (colors: Int, alpha: Int)? {
    let colors =
      switch photometric {
      case .rgb, .yCbCr: 3
      case .separated: 4
      default: 1
      }
    guard samples > colors, photometric != .palette else { return nil }
    // 1 is premultiplied alpha, and 2 is plain.
    let alpha = values(.extraSamples).firstIndex { $0 == 1 || $0 == 2 }
    return (colors, alpha.map { colors + $0 } ?? -1)
  }

  /// Whether the file has samples that are not used.
  var hasOtherSamples: Bool {
    guard let bands else { return false }
    return samples > bands.colors + (bands.alpha < 0 ? 0 : 1)
  }
}
