import Files
import Testing

@Suite struct SystemPathTests {
  private func bytes(of path: String) -> [UInt8] {
    path.withSystemPath { pointer in
      Array(
        UnsafeBufferPointer(start: pointer, count: 64).map(UInt8.init(bitPattern:)).prefix {
          $0 != 0
        })
    }
  }

  /// UTF-8 stays itself.
  @Test(arguments: ["", "a.png", "é/ü\u{301} 画🎨", "\u{10FFFD}"])
  func unicodeIsItself(path: String) {
    #expect(SystemPath.string(from: path.utf8) == path)
    #expect(bytes(of: path) == Array(path.utf8))
  }

  /// Any bytes come back: Latin-1, cut and overlong sequences, surrogates, and the characters that
  /// stand for bytes.
  @Test(
    arguments: [
      [0x63, 0xe9, 0x2e], [0xff, 0xfe], [0xc3], [0xe7, 0x94], [0xc0, 0xaf], [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80], [0xf4, 0x8f, 0xba, 0x80], [0x80, 0xc3, 0xa9, 0x80], [0xf8, 0x88],
    ] as [[UInt8]])
  func otherBytesComeBack(name: [UInt8]) {
    let path = SystemPath.string(from: name)
    #expect(bytes(of: path) == name)
    #expect(path.unicodeScalars.contains { SystemPath.byte(of: $0) != nil })
  }
}
