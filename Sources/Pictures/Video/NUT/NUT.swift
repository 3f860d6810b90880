/// The parts of the NUT container that raw video in a pipe needs.
///
/// ffmpeg's pipes of raw pictures carry no time stamps; NUT adds them. The format is documented in
/// "NUT Open Container Format" (ffmpeg.org/nut.html).
package enum NUT {
  static let identifier = Array("nut/multimedia container\0".utf8)

  /// The first eight bytes of each packet that is not a frame.
  enum StartCode: UInt64 {
    case main = 0x4E4D_7A56_1F5F_04AD
    case stream = 0x4E53_1140_5BF2_F9DB
    case syncPoint = 0x4E4B_E4AD_EECA_4569
    case index = 0x4E58_DD67_2F23_E64E
    case info = 0x4E49_AB68_B596_BA78
  }

  /// What a frame's header has, and the frame itself is like.
  struct Flags: OptionSet {
    let rawValue: Int
    static let key = Flags(rawValue: 1)
    static let codedTimestamp = Flags(rawValue: 8)
    static let streamNumber = Flags(rawValue: 16)
    static let sizeHigh = Flags(rawValue: 32)
    static let checksum = Flags(rawValue: 64)
    static let reserved = Flags(rawValue: 128)
    static let sideData = Flags(rawValue: 256)
    static let elidedHeader = Flags(rawValue: 1024)
    static let matchTime = Flags(rawValue: 2048)
    static let coded = Flags(rawValue: 4096)
    static let invalid = Flags(rawValue: 8192)
  }

  /// What the first byte of a frame stands for.
  struct FrameCode {
    var flags: Flags
    var sizeFactor = 1
    var sizeLow = 0
    var timestampStep = 0
    var reservedCount = 0
    var elidedHeader = 0
  }

  /// The only video stream of a pipe.
  package struct Stream: Sendable, Hashable {
    /// The size of the pictures.
    var size: PixelSize
    /// The width of a pixel in parts of its height; nil for square or unknown ones.
    var pixelAspect: Ratio?
    /// The unit of time stamps in seconds.
    var timeBase: Ratio

    package init(size: PixelSize, pixelAspect: Ratio? = nil, timeBase: Ratio) {
      (self.size, self.pixelAspect, self.timeBase) = (size, pixelAspect, timeBase)
    }
  }

  /// The code of raw pixels with 8 bits each of red, green and blue.
  static let rgb24: [UInt8] = Array("RGB".utf8) + [24]

  /// The longest side of a picture that is read.
  static let longestSide = 1 << 15

  /// Packets longer than this have a checksum of their header.
  static let longPacket = 4096

  /// The CRC-32 of the format: polynomial 0x04C11DB7, highest bit first, from 0.
  static func checksum(_ bytes: some Sequence<UInt8>) -> UInt32 {
    bytes.reduce(0) { sum, byte in
      table[Int(UInt8(truncatingIfNeeded: sum >> 24) ^ byte)] ^ (sum << 8)
    }
  }

  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index) << 24) { sum, _ in
      sum & 0x8000_0000 == 0 ? sum << 1 : (sum << 1) ^ 0x04C1_1DB7
    }
  }
}
