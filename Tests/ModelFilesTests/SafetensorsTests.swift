import Files
import Foundation
import ModelFiles
import Testing

@Suite struct SafetensorsTests {
  /// A file of a header's text and data, read back.
  private func open(_ header: String, data: Data = Data(), declaring length: UInt64? = nil) throws
    -> ModelFile
  {
    var bytes = withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Data($0) }
    bytes += Data(header.utf8) + data
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).safetensors")
    try bytes.write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try ModelFile(path: url.path)
  }

  @Test func everyTypeIsWidened() throws {
    let data =
      withUnsafeBytes(of: Float(1.5).bitPattern.littleEndian) { Data($0) }
      + withUnsafeBytes(of: (-2.25).bitPattern.littleEndian) { Data($0) }
      + Data([0x00, 0x3c, 0x80, 0x3f])
    let file = try open(
      """
      {"__metadata__": {"format": "pt"},
       "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
       "b": {"dtype": "F64", "shape": [1, 1], "data_offsets": [4, 12]},
       "c": {"dtype": "F16", "shape": [1], "data_offsets": [12, 14]},
       "d": {"dtype": "BF16", "shape": [1], "data_offsets": [14, 16]},
       "e": {"dtype": "F32", "shape": [0, 3], "data_offsets": [16, 16]}}
      """, data: data)
    #expect(Set(file.tensors.keys) == ["a", "b", "c", "d", "e"])
    #expect(try file.tensor("a").elements == [1.5])
    #expect(try file.tensor("b").elements == [-2.25])
    #expect(try file.tensor("c").elements == [1])
    #expect(try file.tensor("d").elements == [1])
    #expect(try file.tensor("e").elements == [])
  }

  /// Against the compiler's own half precision.
  #if !((os(macOS) || targetEnvironment(macCatalyst)) && arch(x86_64))
  @Test func everyHalfPrecisionNumberIsItself() throws {
    let bits = (UInt16.min...UInt16.max).map(\.littleEndian)
    let file = try open(
      #"{"all": {"dtype": "F16", "shape": [65536], "data_offsets": [0, 131072]}}"#,
      data: bits.withUnsafeBytes { Data($0) })
    let widened = try file.tensor("all").elements
    let wrong = widened.indices.filter { i in
      let expected = Float(Float16(bitPattern: UInt16(i)))
      return !(widened[i] == expected || (widened[i].isNaN && expected.isNaN))
    }
    #expect(wrong.isEmpty)
  }
  #endif

  @Test(arguments: [
    ("", UInt64?.none),
    ("{", nil),
    ("[]", nil),
    ("{}", 1 << 60),
    ("{}", .max),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 8]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [4294967296, 4294967296], "data_offsets": [0, 4]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0]}}"#, nil),
    (#"{"a": {"dtype": "F32", "shape": [1]}}"#, nil),
    (#"{"a": 3}"#, nil),
    ("\u{FF}\u{FE}", nil),
  ])
  func hostileHeadersAreErrorsThatNameTheFile(header: String, length: UInt64?) throws {
    #expect {
      try open(header, data: Data([0, 0, 0, 0]), declaring: length)
    } throws: { error in
      guard case .malformed(let path, _, _) = error as? ModelFileError else { return false }
      return String(describing: error).contains(path)
    }
  }

  @Test func missingFilesFoldersAndTensorsAreErrors() throws {
    #expect(throws: FileError.unreadable(path: "/nowhere", reason: "there is no such file")) {
      try ModelFile(path: "/nowhere")
    }
    #expect(throws: FileError.unreadable(path: "/tmp", reason: "it is a folder")) {
      try ModelFile(path: "/tmp")
    }
    let file = try open(#"{"a": {"dtype": "I64", "shape": [], "data_offsets": [0, 0]}}"#)
    #expect(throws: ModelFileError.self) { try file.tensor("b") }
    // A type that is no weight's may be in a file, but cannot be read.
    #expect(throws: ModelFileError.self) { try file.tensor("a") }
  }

  @Test func shortFilesAreErrors() throws {
    for count in [0, 1, 7] {
      let url = FileManager.default.temporaryDirectory.appendingPathComponent(
        "\(UUID()).safetensors")
      try Data(count: count).write(to: url)
      defer { try? FileManager.default.removeItem(at: url) }
      #expect(throws: ModelFileError.self) { try ModelFile(path: url.path) }
    }
  }
}
