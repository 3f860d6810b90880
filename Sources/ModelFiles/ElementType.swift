import Foundation

/// An element type that weights come in, by its name in safetensors.
enum ElementType: String {
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float32 = "F32"
  case float64 = "F64"

  /// Bytes an element.
  var size: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// Little-endian elements as `Float`. The bytes need no alignment.
  func widen(_ bytes: Data) -> [Float] {
    let count = bytes.count / size
    return bytes.withUnsafeBytes { raw in
      [Float](unsafeUninitializedCapacity: count) { result, initialized in
        for i in 0..<count {
          result[i] =
            switch self {
            case .float16:
              Float(
                half: UInt16(
                  littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)))
            case .bfloat16:
              Float(
                bitPattern: UInt32(
                  UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)))
                  << 16)
            case .float32:
              Float(
                bitPattern: UInt32(
                  littleEndian: raw.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
            case .float64:
              Float(
                Double(
                  bitPattern: UInt64(
                    littleEndian: raw.loadUnaligned(fromByteOffset: 8 * i, as: UInt64.self))))
            }
        }
        initialized = count
      }
    }
  }
}

extension Float {
  /// The value of an IEEE half-precision number. `Float16` does not exist on Macs
  /// with Intel processors, and without its instruction is a call a number.
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
}
