/// Names of files as strings, also those whose bytes are not UTF-8.
///
/// A name on Linux consists of any bytes, a string of Unicode characters. A byte that is not part of
/// valid UTF-8 becomes a character for private use, and turns back into the byte at system calls.
/// Python does the same with surrogates (PEP 383), which Swift's strings cannot hold.
package enum SystemPath {
  /// The characters that stand for the bytes 0x80…0xFF. Where they occur in a name themselves, their
  /// bytes are replaced, so that each name has its own string.
  private static let stands: ClosedRange<UInt32> = 0x10fe80...0x10feff

  /// The string of a name's bytes.
  package static func string(from bytes: some Collection<UInt8>) -> String {
    var result = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      if let scalar = scalar(at: rest), !stands.contains(scalar.value) {
        result.unicodeScalars.append(scalar)
        rest.removeFirst(UTF8.width(scalar))
      } else {
        result.unicodeScalars.append(Unicode.Scalar(stands.lowerBound + UInt32(first) - 0x80)!)
        rest.removeFirst()
      }
    }
    return result
  }

  /// The byte that a character stands for; nil for other characters.
  package static func byte(of scalar: Unicode.Scalar) -> UInt8? {
    stands.contains(scalar.value) ? UInt8(scalar.value - stands.lowerBound + 0x80) : nil
  }

  /// The bytes of a name with a zero at their end.
  static func bytes(of path: String) -> [CChar] {
    var bytes: [UInt8] = []
    for scalar in path.unicodeScalars {
      if let byte = byte(of: scalar) {
        bytes.append(byte)
      } else {
        bytes += UTF8.encode(scalar)!
      }
    }
    return (bytes + [0]).map(CChar.init(bitPattern:))
  }

  /// The valid character at the start of bytes.
  private static func scalar(at bytes: ArraySlice<UInt8>) -> Unicode.Scalar? {
    let count =
      switch bytes.first! {
      case ..<0x80: 1
      case 0xc2..<0xe0: 2
      case 0xe0..<0xf0: 3
      case 0xf0..<0xf5: 4
      default: 0
      }
    guard count > 0 else { return nil }
    return String(validating: bytes.prefix(count), as: UTF8.self)?.unicodeScalars.first
  }
}

extension String {
  /// Calls a function of the system with the bytes of a path.
  package func withSystemPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows
    -> Result
  {
    try SystemPath.bytes(of: self).withUnsafeBufferPointer { try body($0.baseAddress!) }
  }
}
