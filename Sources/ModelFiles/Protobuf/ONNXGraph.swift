import Files
import Foundation

/// The nodes and constants of an ONNX model, for readers that follow its graph.
///
/// `ModelFile` reads the same files as named tensors. Format:
/// https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
package struct ONNXGraph: Sendable {
  /// The path of the file.
  package let path: String
  /// The nodes in the order of the file, which is a topological order in a valid model.
  package private(set) var nodes: [Node] = []
  /// The initializers by name.
  package private(set) var constants: [String: ONNXTensor] = [:]
  /// The inputs without a value in the file.
  package private(set) var inputs: [Input] = []
  /// The names of the outputs.
  package private(set) var outputs: [String] = []

  /// An operation, and the names of the values that it reads and computes.
  package struct Node: Sendable {
    /// The name of the operation, such as `Conv`.
    package var operation = ""
    /// Values by name; empty for an optional input that is absent.
    package var inputs: [String] = []
    package var outputs: [String] = []
    package var attributes: [String: Attribute] = [:]
  }

  /// The value of an attribute.
  package enum Attribute: Sendable {
    case float(Float)
    case integer(Int)
    case integers([Int])
    case floats([Float])
    case text(String)
    case tensor(ONNXTensor)
  }

  /// An input of the graph.
  package struct Input: Sendable {
    package var name = ""
    /// The length of each dimension; nil for one that varies.
    package var shape: [Int?] = []
  }

  /// Far more than a network has. A hostile file may list more.
  private static let mostItems = 20_000

  /// Reads a model.
  ///
  /// - Throws: `ModelFileError`, and `FileError` if the file cannot be read.
  package init(path: String) throws {
    let file = try MappedFile(path: path)
    self.path = path
    var model = WireFormat(file)
    while let field = try model.next() {
      guard field.number == 7, case .bytes(let range) = field.value else { continue }
      try read(WireFormat(file, range: range), of: file)
    }
    guard !nodes.isEmpty else {
      throw ModelFileError.unsupported(path: path, reason: "the model has no operations")
    }
    inputs.removeAll { constants[$0.name] != nil }
  }

  private mutating func read(_ message: WireFormat, of file: MappedFile) throws {
    var message = message
    while let field = try message.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: nodes.append(try Node(file, range))
      case 5:
        let tensor = try ONNXTensor(file, range)
        constants[tensor.name] = tensor
      case 11: inputs.append(try Input(file, range))
      case 12: outputs.append(try Input(file, range).name)
      default: break
      }
      guard max(nodes.count, constants.count, inputs.count, outputs.count) <= Self.mostItems else {
        throw message.malformed("no network has as many layers")
      }
    }
  }
}

extension ONNXGraph.Node {
  /// Reads a `NodeProto`.
  fileprivate init(_ file: MappedFile, _ range: Range<Int>) throws {
    var message = WireFormat(file, range: range)
    while let field = try message.next() {
      guard case .bytes(let range) = field.value else { continue }
      switch field.number {
      case 1: inputs.append(try file.text(range))
      case 2: outputs.append(try file.text(range))
      case 4: operation = try file.text(range)
      case 5:
        let (name, attribute) = try ONNXGraph.Attribute.named(file, range)
        attributes[name] = attribute
      default: break
      }
    }
  }

  /// The integers of an attribute; nil if it is absent.
  package func integers(_ name: String) -> [Int]? {
    switch attributes[name] {
    case .integers(let values): values
    case .integer(let value): [value]
    default: nil
    }
  }

  /// The value of an attribute of one integer.
  package func integer(_ name: String) -> Int? { integers(name)?.first }

  /// The value of an attribute of one number.
  package func float(_ name: String) -> Float? {
    if case .float(let value) = attributes[name] { value } else { nil }
  }

  /// The value of a text attribute.
  package func text(_ name: String) -> String? {
    if case .text(let value) = attributes[name] { value } else { nil }
  }
}

extension ONNXGraph.Attribute {
  /// Reads an `AttributeProto`; nil for kinds that no layer has, such as subgraphs.
  fileprivate static func named(_ file: MappedFile, _ range: Range<Int>) throws
    -> (String, ONNXGraph.Attribute?)
  {
    var name = ""
    var attribute: ONNXGraph.Attribute?
    var (integers, floats): ([Int], [Float]) = ([], [])
    var message = WireFormat(file, range: range)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let range)): name = try file.text(range)
      case (2, .fixed32(let bits)): attribute = .float(Float(bitPattern: bits))
      case (3, .varint(let value)): attribute = .integer(Int(Int64(bitPattern: value)))
      case (4, .bytes(let range)): attribute = .text(try file.text(range))
      case (5, .bytes(let range)): attribute = .tensor(try ONNXTensor(file, range))
      case (7, .fixed32(let bits)): floats.append(Float(bitPattern: bits))
      case (7, .bytes(let range)): floats += try ONNXTensor.floats(file, range)
      case (8, .varint(let value)): integers.append(Int(Int64(bitPattern: value)))
      case (8, .bytes(let range)):
        integers += try WireFormat.varints(file, range).map { Int(Int64(bitPattern: $0)) }
      default: break
      }
    }
    if !integers.isEmpty { attribute = .integers(integers) }
    if !floats.isEmpty { attribute = .floats(floats) }
    return (name, attribute)
  }
}

extension ONNXGraph.Input {
  /// Reads a `ValueInfoProto`.
  fileprivate init(_ file: MappedFile, _ range: Range<Int>) throws {
    var message = WireFormat(file, range: range)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let range)): name = try file.text(range)
      case (2, .bytes(let range)):
        // TypeProto.tensor_type, TypeProto.Tensor.shape, TensorShapeProto.dim.
        for type in try Self.messages(1, of: file, in: range) {
          for shape in try Self.messages(2, of: file, in: type) {
            self.shape = try Self.messages(1, of: file, in: shape).map { try Self.length(file, $0) }
          }
        }
      default: break
      }
    }
  }

  /// The parts of a message with a field number.
  private static func messages(_ number: Int, of file: MappedFile, in range: Range<Int>) throws
    -> [Range<Int>]
  {
    var message = WireFormat(file, range: range)
    var found: [Range<Int>] = []
    while let field = try message.next() {
      if field.number == number, case .bytes(let range) = field.value { found.append(range) }
    }
    return found
  }

  /// The length of a dimension; nil if it has a name instead.
  private static func length(_ file: MappedFile, _ range: Range<Int>) throws -> Int? {
    var message = WireFormat(file, range: range)
    while let field = try message.next() {
      if field.number == 1, case .varint(let value) = field.value, value > 0 {
        return Int(clamping: value)
      }
    }
    return nil
  }
}
