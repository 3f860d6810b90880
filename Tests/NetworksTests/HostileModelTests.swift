import Files
import Foundation
import ModelFiles
import Networks
import TestSupport
import Testing

/// Reads files that are made to do harm, or that are not weights.
@Suite struct HostileModelTests {
  private func open(_ bytes: [UInt8], name: String = "weights.pth") throws -> ModelFile {
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-\(name)")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    return try ModelFile(path: file.path)
  }

  private func expectError(
    _ bytes: [UInt8], name: String = "weights.pth", says text: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let error = #expect(throws: ModelFileError.self, sourceLocation: sourceLocation) {
      try open(bytes, name: name)
    }
    let message = error.map { "\($0)" } ?? ""
    #expect(message.contains(text) && message.contains(name), sourceLocation: sourceLocation)
  }

  @Test func otherKindsOfFilesAreNamed() {
    expectError(Array("\n <!DOCTYPE html><html>".utf8), says: "a web page")
    expectError(Array("version https://git-lfs.github.com/spec/v1\n".utf8), says: "Git LFS")
    expectError([0x1f, 0x8b, 8, 0, 0, 0], says: "gzip")
    expectError([], says: "empty")
    expectError([UInt8](repeating: 0, count: 257) + Array("ustar".utf8), says: "tar archive")
    expectError(Array("hello, these are no weights".utf8), says: "not a file of weights")
    // ONNX begins with a field, but this one has no value.
    expectError([0x08], says: "not a file of weights")
    expectError([0x93] + Array("NUMPY".utf8), name: "w.npy", says: "at byte 6")
  }

  /// A field of a protocol buffers message with a length.
  private func field(_ number: Int, _ bytes: [UInt8]) -> [UInt8] {
    func varint(_ value: Int) -> [UInt8] {
      value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
    }
    return varint(number << 3 | 2) + varint(bytes.count) + bytes
  }

  private func field(_ number: Int, _ text: String) -> [UInt8] { field(number, Array(text.utf8)) }

  /// Files of other programs are protocol buffers messages as well, with the same field numbers.
  @Test func messagesOfOtherProgramsAreNamed() {
    let version: [UInt8] = [0x08, 4]
    let description = field(2, field(1, field(1, "image")) + field(100, field(1, "made by")))
    for type in [303, 403, 500, 502] {
      expectError(
        version + description + field(type, field(1, field(1, "conv"))), name: "w.mlmodel",
        says: "a Core ML model")
    }
    let node = field(1, "conv1") + field(2, "Conv2D") + field(3, "x") + field(5, field(1, "T"))
    let graph = field(1, node) + field(1, node) + field(2, field(1, field(1, "f")))
    expectError(graph + field(4, [0x08, 21]), name: "frozen.pb", says: "a graph of TensorFlow")
    expectError(
      [0x08, 1] + field(2, field(1, field(5, "1.15")) + field(2, graph)), name: "saved_model.pb",
      says: "a graph of TensorFlow")
    let step = field(1, "x") + field(2, "y") + field(4, "Conv") + field(5, field(1, "kernel"))
    expectError(
      field(1, "net") + field(2, step) + field(2, step), name: "init_net.pb", says: "Caffe2")
    expectError(field(2, step) + field(7, "x"), name: "init_net.pb", says: "Caffe2")
    expectError(
      [0x20, 0, 0, 0] + Array("TFL3".utf8) + [0, 0], name: "w.tflite", says: "TensorFlow Lite")
    expectError(
      [4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0] + Array("V 1".utf8), name: "w.t7", says: "Torch7")
  }

  /// Nothing is wrong with these files.
  @Test func unsupportedIsNotDamaged() throws {
    let records = "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }"
    let length = withUnsafeBytes(of: UInt16(records.utf8.count).littleEndian) { Array($0) }
    let bytes = [0x93] + Array("NUMPY".utf8) + [1, 0] + length + Array(records.utf8)
    let error = #expect(throws: ModelFileError.self) { try open(bytes, name: "w.npy") }
    #expect(error.map { "\($0)" }?.contains("not supported") == true)
    #expect(error.map { "\($0)" }?.contains("damaged") == false)
  }

  /// Feed-forward style networks: PyTorch's `fast_neural_style` with and without running means, one
  /// of TensorFlow, and one of separable convolutions.
  @Test(arguments: [
    [
      "conv1.conv2d.weight": [4, 3, 9, 9], "conv2.conv2d.weight": [8, 4, 3, 3],
      "res1.conv1.conv2d.weight": [8, 8, 3, 3], "in1.running_mean": [4],
      "deconv3.conv2d.weight": [3, 4, 9, 9], "deconv3.conv2d.bias": [3],
    ],
    [
      "conv1.conv2d.weight": [4, 3, 9, 9], "in1.weight": [4],
      "deconv3.conv2d.weight": [3, 4, 9, 9],
    ],
    ["Variable": [9, 9, 3, 4], "Variable_3": [3, 3, 4, 8], "Variable_45": [9, 9, 3, 4]],
    [
      "conv1.depthwise.weight": [3, 1, 9, 9], "conv1.pointwise.weight": [9, 3, 1, 1],
      "deconv3.pointwise.weight": [3, 9, 1, 1],
    ],
  ])
  func styleNetworksAreNamed(shapes: [String: [Int]]) throws {
    var (header, offset) = ([String: Any](), 0)
    for (name, shape) in shapes {
      let end = offset + 4 * shape.reduce(1, *)
      header[name] = ["dtype": "F32", "shape": shape, "data_offsets": [offset, end]]
      offset = end
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(length + json + [UInt8](repeating: 0, count: offset)).write(to: file)
    let model = try ModelFile(path: file.path)
    let error = #expect(throws: ModelFileError.self) { try VGGWeights(model) }
    #expect(error.map { "\($0)" }?.contains("a feed-forward style network") == true)
  }

  /// The test process cannot read these formats, because it is not the command.
  @Test(arguments: ["keras2.h5", "matconvnet.mat"])
  func unsafeLibrariesAreNotUsedHere(name: String) {
    let error = #expect(throws: ModelFileError.self) {
      try ModelFile(path: VGGFiles.small.path(name))
    }
    #expect(error.map { "\($0)" }?.contains("impasto models convert") == true)
  }

  /// Networks may have any number of channels except 0.
  @Test func aNetworkWithoutChannelsIsRefused() throws {
    var (header, inputs) = ([String: Any](), 3)
    for (block, count) in Architecture.vgg16.convolutions.enumerated() {
      for number in 1...count {
        let name = "conv\(block + 1)_\(number)"
        header["\(name).weight"] = [
          "dtype": "F32", "shape": [0, inputs, 3, 3], "data_offsets": [0, 0],
        ]
        header["\(name).bias"] = ["dtype": "F32", "shape": [0], "data_offsets": [0, 0]]
        inputs = 0
      }
    }
    let json = try JSONSerialization.data(withJSONObject: header)
    let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) }
    let file = try open(length + json, name: "w.safetensors")
    #expect(throws: ModelFileError.self) { try VGGWeights(file) }
  }

  // MARK: Pickles

  /// A PyTorch stream with an object and without storages.
  private func stream(_ object: [UInt8]) -> [UInt8] {
    let magic: [UInt8] = [
      0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
    ]
    let version: [UInt8] = [0x80, 2, 0x4d, 0xe9, 3, 0x2e]
    let sizes: [UInt8] = [0x80, 2, 0x7d, 0x2e]
    let keys: [UInt8] = [0x80, 2, 0x5d, 0x2e]
    return magic + version + sizes + [0x80, 2] + object + [0x2e] + keys
  }

  @Test func nothingIsExecuted() {
    let marker = "/tmp/impasto-pickle-\(UUID())"
    let call =
      Array("cos\nsystem\n".utf8) + [0x55, UInt8("touch \(marker)".utf8.count)]
      + Array("touch \(marker)".utf8) + [0x85, 0x52]
    expectError(stream(call), says: "a whole Python object (os.system)")
    #expect(!FileManager.default.fileExists(atPath: marker))
  }

  @Test func malformedPicklesNameTheByte() {
    let start = 15 + 6 + 4 + 2
    expectError(stream([0xff]), says: "at byte \(start)")  // no instruction
    expectError(stream([0x58, 0xff, 0xff, 0xff, 0xff]), says: "at byte \(start + 1)")  // too long
    expectError(stream([0x54, 0xff, 0xff, 0xff, 0xff]), says: "at byte \(start + 1)")  // negative
    expectError(stream([0x30]), says: "a value is missing")
    expectError(stream([0x74]), says: "a mark is missing")
    expectError(stream([0x68, 7]), says: "nothing was remembered")
    expectError(stream([0x28, 0x30, 0x85]), says: "a value is missing")
    expectError(stream([0x7d, 0x28, 0x4e, 0x75]), says: "a key without a value")
    expectError(stream(Array("I1x\n".utf8)), says: "not an integer")
    expectError(stream(Array("Vno end".utf8)), says: "at byte")
    expectError(stream([0x4e, 0x4e, 0x93]), says: "a function without a name")
    expectError(stream(Array("Pid\n".utf8)), says: "no state dictionary")
  }

  /// None of these may exhaust the stack or the memory of the process.
  @Test func cyclesDepthAndSizeDoNoHarm() {
    // A list that contains itself, and a dictionary that is its own value.
    expectError(stream([0x5d, 0x71, 0, 0x68, 0, 0x61]), says: "no state dictionary")
    expectError(
      stream([0x7d, 0x71, 0, 0x55, 1, 0x61, 0x68, 0, 0x73]), says: "no state dictionary")
    // Tuples and lists with a nesting depth of 100,000.
    expectError(
      stream([0x29] + [UInt8](repeating: 0x85, count: 100_000)), says: "no state dictionary")
    let nested = (0..<50_000).flatMap { _ in [0x5d, 0x71, 0] as [UInt8] }
    expectError(
      stream(nested + [UInt8](repeating: 0x61, count: 49_999)), says: "no state dictionary")
    // Each tuple holds the one before it twice.
    let doubled = (0..<10_000).flatMap { _ in [0x71, 0, 0x68, 0, 0x86] as [UInt8] }
    expectError(stream([0x29] + doubled), says: "no state dictionary")
    expectError(stream([UInt8](repeating: 0x28, count: 300_000)), says: "instructions")
  }

  /// A tensor with a storage of `count` elements.
  private func tensor(offset: Int, shape: [Int], strides: [Int], count: Int = 4) -> [UInt8] {
    func text(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
    func integer(_ value: Int) -> [UInt8] {
      [0x8a, 8] + withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }
    func tuple(_ values: [Int]) -> [UInt8] { [0x28] + values.flatMap(integer) + [0x74] }
    let storage =
      [0x28] + text("storage") + Array("ctorch\nFloatStorage\n".utf8) + text("0") + text("cpu")
      + integer(count) + [0x4e, 0x74, 0x51]
    return [0x7d] + text("a") + Array("ctorch._utils\n_rebuild_tensor_v2\n".utf8) + [0x28]
      + storage + integer(offset) + tuple(shape) + tuple(strides) + [0x89, 0x4e, 0x74, 0x52, 0x73]
  }

  private func stream(tensor object: [UInt8], elements: [Float]) -> [UInt8] {
    let count = withUnsafeBytes(of: Int64(elements.count).littleEndian) { Array($0) }
    let bytes = elements.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
    // A list with the storage's key precedes the storage's length and elements.
    let keys: [UInt8] = [0x28, 0x55, 1, 0x30, 0x65, 0x2e]
    return Array(stream(object).dropLast()) + keys + count + bytes
  }

  @Test func stridedTensorsAreReordered() throws {
    let object = tensor(offset: 0, shape: [2, 2], strides: [1, 2])
    let file = try open(stream(tensor: object, elements: [1, 2, 3, 4]))
    #expect(try file.tensor("a").elements == [1, 3, 2, 4])
    let part = tensor(offset: 1, shape: [3], strides: [1])
    let other = try open(stream(tensor: part, elements: [1, 2, 3, 4]))
    #expect(try other.tensor("a").elements == [2, 3, 4])
  }

  @Test(arguments: [
    (0, [5], [1]), (1, [4], [1]), (-1, [1], [1]), (0, [2], [4]), (0, [2], [-1]),
    (0, [1 << 40, 1 << 40], [0, 0]), (0, [3, 1 << 62], [1 << 62, 4]), (0, [-1], [1]),
    (0, [8], [0]), (0, [2, 2], [1]), (.max, [1], [1]), (0, [2], [.max]),
    (0, [0, 1 << 62, 1 << 62], [0, 0, 0]),
  ])
  func tensorsThatDoNotFitAreErrors(offset: Int, shape: [Int], strides: [Int]) {
    let object = tensor(offset: offset, shape: shape, strides: strides)
    expectError(stream(tensor: object, elements: [1, 2, 3, 4]), says: "does not fit")
  }

  @Test func storagesOfOtherSizesAreErrors() {
    let object = tensor(offset: 0, shape: [4], strides: [1], count: 1 << 59)
    expectError(stream(tensor: object, elements: [1, 2, 3, 4]), says: "another size")
    let cut = stream(
      tensor: tensor(offset: 0, shape: [4], strides: [1]), elements: [1, 2, 3, 4])
    expectError(Array(cut.dropLast()), says: "16 bytes are announced and 15 follow")
  }

  // MARK: Archives

  @Test(arguments: [
    ("hostile-bomb.npz", "would grow to"), ("hostile-twice.npz", "two members of the name"),
    ("hostile-shape.npz", "impossible shape"),
    ("hostile-absolute.pth", "storage '/etc/passwd' is missing"),
    ("hostile-missing.pth", "storage '7' is missing"),
  ])
  func hostileArchivesAreErrors(name: String, says: String) {
    let error = #expect(throws: ModelFileError.self) {
      try ModelFile(path: VGGFiles.small.path(name))
    }
    #expect(error.map { "\($0)" }?.contains(says) == true)
  }

  // MARK: NumPy and protocol buffers

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 9), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
    "{'descr': '|O', 'fortran_order': False, 'shape': (0, 4611686018427387904, 9), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': __import__('os'), 'fortran_order': False, 'shape': (1,), }", "", "{",
  ])
  func arraysWithImpossibleDescriptionsAreErrors(header: String) {
    let length = withUnsafeBytes(of: UInt16(header.utf8.count).littleEndian) { Array($0) }
    let start: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    expectError(start + length + Array(header.utf8), name: "w.npy", says: "at byte 10")
  }

  /// A length of zero does not make the other lengths harmless.
  @Test func emptyTensorsOfHugeShapesAreErrors() {
    let lengths: [UInt8] = [0x08, 0, 0x08] + Self.power62 + [0x08] + Self.power62
    let shape: [UInt8] = [0x3a, UInt8(lengths.count)] + lengths
    let layer: [UInt8] = [0x0a, 1, 0x61, 0x3a, UInt8(shape.count)] + shape
    expectError([0xa2, 6, UInt8(layer.count)] + layer, name: "w.caffemodel", says: "impossible")
    let tensor: [UInt8] = lengths + [0x10, 1, 0x42, 1, 0x61]
    let graph: [UInt8] = [0x2a, UInt8(tensor.count)] + tensor
    expectError(
      [0x08, 7, 0x3a, UInt8(graph.count)] + graph, name: "w.onnx", says: "impossible shape")
    let header =
      #"{"a":{"dtype":"F32","shape":[0,4611686018427387904,4611686018427387904],"data_offsets":[0,0]}}"#
    let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    expectError(length + Array(header.utf8), name: "w.safetensors", says: "impossible")
  }

  /// 2^62 in protocol buffers' variable length.
  private static let power62 = [UInt8](repeating: 0x80, count: 8) + [0x40]

  /// Nothing is computed from numbers of channels that no network has.
  @Test func moreChannelsThanAnyNetworkHasAreRefused() throws {
    func blob(_ lengths: [Int]) -> [UInt8] {
      let numbers = lengths.flatMap { length -> [UInt8] in
        length < 128 ? [0x08, UInt8(length)] : [0x08, 0x80, 0x80, 0x08]
      }
      return field(7, field(7, numbers))
    }
    // 2^17 channels in each of VGG-16's last convolutions, without any numbers.
    var (file, inputs) = ([UInt8](), 3)
    for block in 1...5 {
      for number in 1...(block < 3 ? 2 : 3) {
        let outputs = block < 5 ? 8 : 1 << 17
        file += field(
          100,
          field(1, "conv\(block)_\(number)") + field(2, "Convolution")
            + blob([outputs, inputs, 3, 3]) + blob([outputs]))
        inputs = outputs
      }
    }
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).caffemodel")
    defer { try? FileManager.default.removeItem(at: url) }
    try Data(file).write(to: url)
    let model = try ModelFile(path: url.path)
    let error = #expect(throws: ModelFileError.self) { try VGGWeights(model) }
    #expect(error.map { "\($0)" }?.contains("do not follow") == true)
  }

  @Test func impossibleMessagesAreErrors() {
    // A Caffe layer whose blob has four huge dimensions and no numbers.
    let huge: [UInt8] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
    let blob = (1...4).flatMap { [UInt8($0 << 3)] + huge }
    let layer: [UInt8] =
      [0x0a, 1, 0x61, 0x12, 11] + Array("Convolution".utf8)
      + [0x3a, UInt8(blob.count)] + blob
    expectError([0xa2, 6, UInt8(layer.count)] + layer, name: "w.caffemodel", says: "impossible")
    // A length beyond the end of the file, after a valid layer.
    expectError(
      [0xa2, 6, 0, 0xa2, 6, 0xff, 0xff, 0xff, 0xff, 7], name: "w.caffemodel", says: "at byte")
  }

  @Test func moreLayersThanAnyNetworkHasAreRefused() {
    let layer: [UInt8] = [0xa2, 6, 15, 0x0a, 0, 0x12, 11] + Array("Convolution".utf8)
    let layers = (0..<20_000).flatMap { _ in layer }
    expectError(layers, name: "w.caffemodel", says: "as many layers")
  }

  @Test func missingNumbersAreNotAllocated() throws {
    // The header announces 3x3x1000x1000 numbers, and none follow.
    let shape: [UInt8] = [0x3a, 8, 0x0a, 6, 0xe8, 7, 0xe8, 7, 3, 3]
    let layer: [UInt8] =
      [0x0a, 1, 0x61, 0x12, 11] + Array("Convolution".utf8)
      + [0x3a, UInt8(shape.count)] + shape
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).caffemodel")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data([0xa2, 6, UInt8(layer.count)] + layer).write(to: file)
    let model = try ModelFile(path: file.path)
    #expect(model.tensors["a.weight"]?.shape == [1000, 1000, 3, 3])
    #expect(throws: ModelFileError.self) { try model.tensor("a.weight") }
  }
}
