/// Cameras' raw files that are not TIFF inside; `TIFFDirectory` knows those that are.
enum RawFile {
  /// What to do with a raw file.
  static let advice =
    "it is a camera's raw file; develop it to JPEG, PNG or TIFF first, for example with darktable"

  /// Whether a file starts as a raw file of Canon, Fujifilm, Olympus, Panasonic or Sigma.
  static func matches(_ start: [UInt8]) -> Bool {
    let signatures = ["FUJIFILMCCD-RAW", "IIRO", "IIRS", "MMOR", "IIU\0", "FOVb"]
    return signatures.contains { start.starts(with: Array($0.utf8)) }
      || start.dropFirst(4).starts(with: Array("ftypcrx ".utf8))
      || start.dropFirst(8).starts(with: Array("CR\u{2}".utf8))
  }
}
