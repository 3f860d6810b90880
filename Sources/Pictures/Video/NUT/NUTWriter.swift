import Files
import Foundation

/// Writes raw video in NUT, for ffmpeg's standard input.
package struct NUTWriter {
  private let stream: NUT.Stream
  private let descriptor: Int32
  /// The position in the stream, which sync points refer to.
  private var position = 0
  private var lastSyncPoint: Int?

  /// Writes the headers.
  ///
  /// - Throws: `NUTError.truncated` if the reader has left.
  package init(_ stream: NUT.Stream, to descriptor: Int32) throws {
    (self.stream, self.descriptor) = (stream, descriptor)
    try write(NUT.identifier)
    try write(Self.packet(.main, Self.mainHeader(stream)))
    try write(Self.packet(.stream, Self.streamHeader(stream)))
  }

  /// Writes a frame.
  ///
  /// - Parameter timestamp: in units of the stream's time base, at least 0, after that before.
  /// - Throws: `NUTError.truncated` if the reader has left.
  package mutating func write(_ picture: PackedPicture, timestamp: Int) throws {
    precondition(picture.size == stream.size && picture.depth == .eight)
    let back = lastSyncPoint.map { (position - $0) / 16 } ?? 0
    lastSyncPoint = position
    try write(
      Self.packet(.syncPoint, NUTNumber.bytes(of: timestamp) + NUTNumber.bytes(of: back)))
    let size = 3 * stream.size.width * stream.size.height
    // All frame codes mean the same: a time stamp, a size and a checksum follow.
    var header: [UInt8] = [0]
    header += NUTNumber.bytes(of: timestamp + 1 << Self.timestampBits) + NUTNumber.bytes(of: size)
    header += NUT.checksum(header).bigEndianBytes
    try write(header)
    try picture.withUnsafeValues { values in
      try write(
        Data(
          bytesNoCopy: .init(mutating: values.baseAddress!), count: values.count,
          deallocator: .none))
    }
  }

  private static let timestampBits = 7

  private static func mainHeader(_ stream: NUT.Stream) -> [UInt8] {
    let flags: NUT.Flags = [.key, .codedTimestamp, .sizeHigh, .checksum]
    // Version 3, one stream, the longest distance of sync points, one time base, and one entry of
    // frame codes with six fields: 255 codes, as that of start codes is not counted. No elided headers.
    let numbers =
      [3, 1, 65536, 1, stream.timeBase.numerator, stream.timeBase.denominator, flags.rawValue, 6]
      + [0, 1, 0, 0, 0, 255] + [0]
    return numbers.flatMap(NUTNumber.bytes)
  }

  private static func streamHeader(_ stream: NUT.Stream) -> [UInt8] {
    let aspect = stream.pixelAspect.map { [$0.numerator, $0.denominator] } ?? [0, 0]
    // Stream 0, video, its code, time base 0, time stamps, their largest distance, no delay, no
    // flags, no data of the codec, the size, and colors that are not specified.
    return [0, 0].flatMap(NUTNumber.bytes)
      + NUTNumber.bytes(of: NUT.rgb24.count) + NUT.rgb24
      + ([0, timestampBits, 65536, 0, 0, 0, stream.size.width, stream.size.height] + aspect + [0])
      .flatMap(NUTNumber.bytes)
  }

  private static func packet(_ code: NUT.StartCode, _ body: [UInt8]) -> [UInt8] {
    let length = body.count + 4
    precondition(length <= NUT.longPacket)
    return code.rawValue.bigEndianBytes + NUTNumber.bytes(of: length) + body
      + NUT.checksum(body).bigEndianBytes
  }

  private mutating func write(_ bytes: [UInt8]) throws { try write(Data(bytes)) }

  private mutating func write(_ data: Data) throws {
    guard data.write(toDescriptor: descriptor) else { throw NUTError.truncated }
    position += data.count
  }
}

extension FixedWidthInteger {
  /// The bytes, the highest first.
  fileprivate var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian, Array.init) }
}
