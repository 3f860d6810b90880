import Files
import Foundation
import SwiftProtobuf

/// A network in the ONNX format: its initializers by name, and its convolutions in the order
/// of the graph.
///
/// Format: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
enum ONNXModel {
  /// `ModelProto.graph`.
  private static let graph = 7

  /// A model begins with the version of its format, field 1.
  static func isLikely(_ file: MappedFile) -> Bool {
    file.hasPrefix([0x08])
      && WireFormat.isMessage(file) { field in
        if case .bytes = field.value { field.number == graph } else { false }
      }
  }

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var contents = ModelFile.Contents(convolutions: [])
    var model = WireFormat(file)
    while let field = try model.next() {
      guard field.number == graph, case .bytes(let range) = field.value else { continue }
      try addGraph(range, of: file, to: &contents)
    }
    return contents
  }

  private static func addGraph(
    _ range: Range<Int>, of file: MappedFile, to contents: inout ModelFile.Contents
  ) throws {
    var graph = WireFormat(file, range: range)
    while let field = try graph.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let range)):
        let node = try file.message(Onnx_NodeProto.self, range)
        if node.opType == "Conv", node.input.count == 3 {
          contents.convolutions?.append(
            ModelFile.ConvolutionNames(weight: node.input[1], bias: node.input[2]))
        }
      case (5, .bytes(let range)):
        let (name, tensor) = try initializer(range, file)
        contents.tensors[name] = tensor
      default: break
      }
      guard !contents.isTooMuch else { throw graph.malformed("no network has as many layers") }
    }
  }

  private static func initializer(_ range: Range<Int>, _ file: MappedFile) throws
    -> (name: String, StoredTensor)
  {
    func malformed(_ reason: String) -> ModelFileError {
      .malformed(path: file.path, offset: range.lowerBound, reason: reason)
    }
    var (name, type) = ("", UInt64(0))
    var lengths: [Int] = []
    var tensor = WireFormat(file, range: range)
    while let field = try tensor.next() {
      switch (field.number, field.value) {
      case (1, .varint(let length)): lengths.append(Int(clamping: length))
      case (1, .bytes(let range)):
        lengths += try WireFormat.varints(file, range).map { Int(clamping: $0) }
      case (2, .varint(let value)): type = value
      case (8, .bytes(let range)): name = try file.text(range)
      case (14, .varint(1)):
        throw ModelFileError.unsupported(
          path: file.path, reason: "its weights are in other files; save the model in one file")
      default: break
      }
    }
    guard let shape = TensorShape(lengths) else { throw malformed("an impossible shape") }
    guard let element = elementType(type) else {
      return (name, StoredTensor(type: "type \(type)", shape: shape, elements: .mapped(0..<0)))
    }
    return (
      name,
      StoredTensor(
        type: element.rawValue, shape: shape,
        elements: .decoded { try values(of: range, element, file) })
    )
  }

  /// `TensorProto.DataType`.
  private static func elementType(_ type: UInt64) -> ElementType? {
    switch type {
    case 1: .float32
    case 10: .float16
    case 11: .float64
    case 16: .bfloat16
    default: nil
    }
  }

  private static func values(of range: Range<Int>, _ type: ElementType, _ file: MappedFile) throws
    -> [Float]
  {
    let tensor = try file.message(Onnx_TensorProto.self, range)
    file.release(range)
    if !tensor.floatData.isEmpty { return tensor.floatData }
    if !tensor.doubleData.isEmpty { return tensor.doubleData.map { Float($0) } }
    return [Float](unsafeUninitializedCapacity: tensor.rawData.count / type.size) {
      type.widen(tensor.rawData, into: $0.baseAddress!)
      $1 = tensor.rawData.count / type.size
    }
  }
}
