import Foundation

/// Reads raw video in NUT, from ffmpeg's standard output.
package struct NUTReader {
  /// What every frame has in common.
  private(set) var stream = NUT.Stream(size: PixelSize(width: 1, height: 1), timeBase: Ratio(1, 1))
  private var input: PipeInput
  private var codes: [NUT.FrameCode] = []
  private var elidedHeaders: [[UInt8]] = [[]]
  private var timeBases: [Ratio] = []
  private var timeBase = 0
  private var timestampBits = 0
  private var lastTimestamp = 0

  /// Reads the headers.
  ///
  /// - Throws: `NUTError`.
  package init(_ descriptor: Int32) throws {
    input = PipeInput(descriptor)
    guard try input.bytes(NUT.identifier.count) == NUT.identifier else { throw NUTError.damaged }
    var hasStream = false
    while !hasStream {
      switch try input.startCode(try input.byte()) {
      case .main:
        var packet = try input.packet()
        try readMainHeader(&packet)
      case .stream:
        var packet = try input.packet()
        stream = try readStreamHeader(&packet)
        hasStream = true
      case .syncPoint, .index, .info: _ = try input.packet()
      }
    }
  }

  /// Reads the next frame; nil at the end.
  ///
  /// - Throws: `NUTError` if the pipe ends within a frame.
  package mutating func next() throws -> (timestamp: Int, picture: PackedPicture)? {
    while let first = try input.byteOrEnd() {
      guard first == UInt8(ascii: "N") else { return try frame(codes[Int(first)]) }
      let code = try input.startCode(first)
      var packet = try input.packet()
      guard code == .syncPoint else { continue }
      let time = try packet.number()
      guard !timeBases.isEmpty else { throw NUTError.damaged }
      lastTimestamp = try rescaled(time / timeBases.count, from: time % timeBases.count)
    }
    return nil
  }

  /// A time stamp of a sync point in the stream's unit, rounded down.
  private func rescaled(_ time: Int, from index: Int) throws -> Int {
    let (from, to) = (timeBases[index], timeBases[timeBase])
    guard from != to else { return time }
    let (high, low) = time.multipliedFullWidth(by: from.numerator * to.denominator)
    let divisor = from.denominator * to.numerator
    guard high >= 0, high < divisor else { throw NUTError.damaged }
    return divisor.dividingFullWidth((high, low)).quotient
  }

  private mutating func frame(_ code: NUT.FrameCode) throws -> (Int, PackedPicture) {
    var flags = code.flags
    guard !flags.contains(.invalid) else { throw NUTError.damaged }
    if flags.contains(.coded) { flags.formSymmetricDifference(.init(rawValue: try input.number())) }
    if flags.contains(.streamNumber) { _ = try input.number() }
    var timestamp = lastTimestamp + code.timestampStep
    if flags.contains(.codedTimestamp) {
      let coded = try input.number()
      let range = 1 << timestampBits
      if coded < range {
        let start = lastTimestamp - (range - 1) / 2
        timestamp = start + ((coded - start) & (range - 1))
      } else {
        timestamp = coded - range
      }
    }
    lastTimestamp = timestamp
    var size = code.sizeLow
    if flags.contains(.sizeHigh) { size += code.sizeFactor * (try input.number()) }
    if flags.contains(.matchTime) { _ = try input.number() }
    let elided = flags.contains(.elidedHeader) ? try input.number() : code.elidedHeader
    let reserved = flags.contains(.reserved) ? try input.number() : code.reservedCount
    for _ in 0..<reserved { _ = try input.number() }
    if flags.contains(.checksum) { _ = try input.bytes(4) }
    let picture = PackedPicture(size: stream.size, depth: .eight)
    guard elidedHeaders.indices.contains(elided), size == picture.byteCount,
      !flags.contains(.sideData), elidedHeaders[elided].count <= size
    else { throw NUTError.damaged }
    let start = elidedHeaders[elided]
    try picture.withUnsafeMutableValues { values in
      values.copyBytes(from: start)
      try input.read(into: .init(rebasing: values[start.count...]))
    }
    return (timestamp, picture)
  }

  private mutating func readMainHeader(_ packet: inout NUTPacket) throws {
    let version = try packet.number()
    if version > 3 { _ = try packet.number() }
    guard try packet.number() == 1 else { throw NUTError.damaged }
    _ = try packet.number()
    timeBases = try (0..<(try packet.count())).map { _ in try packet.ratio() }
    codes = []
    var code = NUT.FrameCode(flags: [])
    while codes.count < 256 {
      code.flags = NUT.Flags(rawValue: try packet.number())
      let fields = try packet.count()
      code.sizeLow = 0
      code.reservedCount = 0
      if fields > 0 { code.timestampStep = try packet.signed() }
      if fields > 1 { code.sizeFactor = try packet.number() }
      if fields > 2 { _ = try packet.number() }
      if fields > 3 { code.sizeLow = try packet.number() }
      if fields > 4 { code.reservedCount = try packet.number() }
      var count = fields > 5 ? try packet.number() : code.sizeFactor - code.sizeLow
      if fields > 6 { _ = try packet.signed() }
      if fields > 7 { code.elidedHeader = try packet.number() }
      for _ in 8..<max(8, fields) { _ = try packet.number() }
      guard count > 0 else { throw NUTError.damaged }
      while count > 0, codes.count < 256 {
        // The byte of start codes.
        if codes.count == Int(UInt8(ascii: "N")) {
          codes.append(NUT.FrameCode(flags: .invalid))
        } else {
          codes.append(code)
          code.sizeLow += 1
          count -= 1
        }
      }
    }
    elidedHeaders = try [[]] + (0..<(try packet.count())).map { _ in try packet.bytes() }
  }

  private mutating func readStreamHeader(_ packet: inout NUTPacket) throws -> NUT.Stream {
    let (_, kind, code) = (try packet.number(), try packet.number(), try packet.bytes())
    guard kind == 0, code == NUT.rgb24 else { throw NUTError.damaged }
    timeBase = try packet.number()
    timestampBits = try packet.number()
    guard timeBases.indices.contains(timeBase), (0..<32).contains(timestampBits) else {
      throw NUTError.damaged
    }
    for _ in 0..<3 { _ = try packet.number() }
    _ = try packet.bytes()
    let size = PixelSize(width: try packet.number(), height: try packet.number())
    guard size.width > 0, size.height > 0, size.longestSide <= NUT.longestSide else {
      throw NUTError.damaged
    }
    let (wide, high) = (try packet.number(), try packet.number())
    return NUT.Stream(
      size: size, pixelAspect: wide > 0 && high > 0 && wide != high ? Ratio(wide, high) : nil,
      timeBase: timeBases[timeBase])
  }
}

/// Why raw video cannot be read.
package enum NUTError: Error {
  /// The stream ends within a frame or a header.
  case truncated
  /// The stream is not what this project's ffmpeg commands write.
  case damaged
}

/// The numbers of a NUT header.
struct NUTPacket {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  mutating func number() throws -> Int {
    try NUTNumber.read {
      guard let byte = rest.popFirst() else { throw NUTError.damaged }
      return byte
    }
  }

  /// A number of items, each of which takes at least a byte.
  mutating func count() throws -> Int {
    let count = try number()
    guard count <= rest.count else { throw NUTError.damaged }
    return count
  }

  mutating func signed() throws -> Int {
    let coded = try number() + 1
    return coded & 1 == 0 ? coded / 2 : -(coded / 2)
  }

  mutating func ratio() throws -> Ratio {
    let (numerator, denominator) = (try number(), try number())
    let limits = 1...Int(Int32.max)
    guard limits.contains(numerator), limits.contains(denominator) else { throw NUTError.damaged }
    return Ratio(numerator, denominator)
  }

  mutating func bytes() throws -> [UInt8] {
    let count = try count()
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }
}

/// Numbers with seven bits in a byte, the highest first; the last byte's top bit is 0.
enum NUTNumber {
  static func read(_ byte: () throws -> UInt8) throws -> Int {
    var value = 0
    while true {
      let next = try byte()
      guard value < 1 << 55 else { throw NUTError.damaged }
      value = value << 7 | Int(next & 0x7F)
      if next & 0x80 == 0 { return value }
    }
  }

  static func bytes(of value: Int) -> [UInt8] {
    precondition(value >= 0)
    var bytes = [UInt8(value & 0x7F)]
    var rest = value >> 7
    while rest > 0 {
      bytes.insert(UInt8(rest & 0x7F) | 0x80, at: 0)
      rest >>= 7
    }
    return bytes
  }
}

/// A pipe that is read in parts of any length.
struct PipeInput {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var place = 0

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// - Throws: `NUTError.truncated` at the end.
  mutating func byte() throws -> UInt8 {
    guard let byte = try byteOrEnd() else { throw NUTError.truncated }
    return byte
  }

  mutating func byteOrEnd() throws -> UInt8? {
    if place == buffer.count {
      buffer = [UInt8](unsafeUninitializedCapacity: 4096) { bytes, count in
        count = Self.read(descriptor, UnsafeMutableRawBufferPointer(bytes))
      }
      place = 0
      guard !buffer.isEmpty else { return nil }
    }
    defer { place += 1 }
    return buffer[place]
  }

  mutating func number() throws -> Int { try NUTNumber.read { try byte() } }

  mutating func bytes(_ count: Int) throws -> [UInt8] {
    try (0..<count).map { _ in try byte() }
  }

  /// Fills memory, most of it without a copy.
  mutating func read(into values: UnsafeMutableRawBufferPointer) throws {
    let buffered = min(buffer.count - place, values.count)
    values.copyBytes(from: buffer[place..<place + buffered])
    place += buffered
    var filled = buffered
    while filled < values.count {
      let count = Self.read(descriptor, .init(rebasing: values[filled...]))
      guard count > 0 else { throw NUTError.truncated }
      filled += count
    }
  }

  /// Reads the rest of a start code.
  mutating func startCode(_ first: UInt8) throws -> NUT.StartCode {
    let value = try bytes(7).reduce(UInt64(first)) { $0 << 8 | UInt64($1) }
    guard let code = NUT.StartCode(rawValue: value) else { throw NUTError.damaged }
    return code
  }

  /// Reads a packet after its start code.
  mutating func packet() throws -> NUTPacket {
    let length = try number()
    guard (4...1 << 24).contains(length) else { throw NUTError.damaged }
    if length > NUT.longPacket { _ = try bytes(4) }
    let body = try bytes(length)
    guard NUT.checksum(body) == 0 else { throw NUTError.damaged }
    return NUTPacket(body.dropLast(4))
  }

  /// Reads what there is, at least one byte; 0 at the end, and after an error.
  private static func read(_ descriptor: Int32, _ values: UnsafeMutableRawBufferPointer) -> Int {
    while true {
      let count = Foundation.read(descriptor, values.baseAddress!, values.count)
      if count < 0, errno == EINTR { continue }
      return max(0, count)
    }
  }
}
