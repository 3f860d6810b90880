import Foundation

/// A supported element type of weights, by its name in safetensors.
enum ElementType: String, Sendable {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"

  /// The size of an element in bytes.
  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// Converts little-endian elements to `Float`. The bytes need no alignment.
  ///
  /// - Parameter result: has space for all elements.
  func widen(_ bytes: Data, into result: UnsafeMutablePointer<Float>) {
    let count = bytes.count / size
    bytes.withUnsafeBytes { raw in
      func bits<Bits: FixedWidthInteger>(_ type: Bits.Type, _ i: Int) -> Bits {
        Bits(littleEndian: raw.loadUnaligned(fromByteOffset: i * size, as: type))
      }
      switch self {
      case .float16: for i in 0..<count { result[i] = Float(half: bits(UInt16.self, i)) }
      case .bfloat16:
        for i in 0..<count { result[i] = Float(bitPattern: UInt32(bits(UInt16.self, i)) << 16) }
      case .float32: for i in 0..<count { result[i] = Float(bitPattern: bits(UInt32.self, i)) }
      case .float64:
        for i in 0..<count { result[i] = Float(Double(bitPattern: bits(UInt64.self, i))) }
      }
    }
  }
}

extension Float {
  /// Makes the value of an IEEE half-precision number.
  ///
  /// `Float16` does not exist on Macs with Intel processors, and on processors without its
  /// instructions it costs a function call for each number.
  init(half bits: UInt16) {
    let sign = UInt32(bits & 0x8000) << 16
    let magnitude = UInt32(bits & 0x7fff) << 13
    if magnitude >= 0x0f80_0000 {  // infinity and NaN keep their highest exponent
      self = Float(bitPattern: sign | 0x7000_0000 | magnitude)
    } else {
      // The exponents' biases differ by 112; the product is right for subnormals as well.
      self = Float(bitPattern: sign | magnitude) * 0x1p112
    }
  }

  /// The nearest IEEE half-precision number, ties to even. Numbers that are too large become
  /// infinity.
  var halfBits: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    if isNaN { return sign | 0x7e00 }
    // Smaller numbers are multiples of 2^-24, which the sum with 0.5 rounds to.
    if magnitude < 0x1p-14 {
      return sign
        | UInt16(truncatingIfNeeded: (magnitude + 0.5).bitPattern &- (0.5 as Float).bitPattern)
    }
    let bits = magnitude.bitPattern
    let rounded = (bits &+ 0xfff &+ (bits >> 13 & 1)) >> 13
    // The exponents' biases differ by 112.
    let half = rounded - 112 << 10
    return sign | (half >= 0x7c00 ? 0x7c00 : UInt16(half))
  }
}
