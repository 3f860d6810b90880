import Files
import Foundation

/// A dictionary of arrays that `numpy.save` wrote as one object.
///
/// Each layer is a list of its weights and biases, as in tensorflow-vgg, or a dictionary of
/// them, as in caffe-tensorflow. They are named `LAYER.weight` and `LAYER.bias`.
struct NumPyFile {
  private let document: PickleDocument
  private let reader: ByteReader

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var reader = ByteReader(file)
    let header = try NumPyHeader(&reader)
    guard header.type.hasSuffix("O"), header.shape.count == 1 else {
      throw ModelFileError.unsupported(
        path: file.path,
        reason: "a single array of numbers, not a dictionary of a network's weights")
    }
    let document = try PickleMachine.document(&reader)
    return try NumPyFile(document: document, reader: reader).contents()
  }

  private func contents() throws -> ModelFile.Contents {
    var contents = ModelFile.Contents()
    for (key, value) in document[try dictionary()].items {
      guard let layer = document.text(key) else { continue }
      for (suffix, reference) in parts(value) {
        if let tensor = try tensor(reference) { contents.tensors["\(layer).\(suffix)"] = tensor }
      }
    }
    return contents
  }

  /// The dictionary: the one object in the last part of the array's state, which follows its
  /// version, shape, type and order.
  private func dictionary() throws -> PickleValue.Reference {
    guard let state = document[document.root].state, let parts = document.sequence(state),
      parts.count >= 5, let objects = document.sequence(parts[4]), objects.count == 1
    else { throw reader.malformed("the pickle does not hold an array of one object") }
    return objects[0]
  }

  private func parts(_ layer: PickleValue.Reference) -> [(String, PickleValue.Reference)] {
    if let list = document.sequence(layer) {
      return Array(zip(["weight", "bias"], list))
    }
    return document[layer].items.compactMap { key, value in
      switch document.text(key) {
      case "weights", "weight", "W": ("weight", value)
      case "biases", "bias", "b": ("bias", value)
      default: nil
      }
    }
  }

  /// The tensor that a value describes; nil if the value is not an array.
  private func tensor(_ reference: PickleValue.Reference) throws -> StoredTensor? {
    guard let (function, arguments) = document.call(reference) else { return nil }
    switch function {
    case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct":
      guard let state = document[reference].state, let parts = document.sequence(state),
        parts.count >= 5, let shape = document.integers(parts[1]).flatMap(TensorShape.init),
        let isFortranOrder = document.boolean(parts[3])
      else { throw reader.malformed("the description of an array is not understood") }
      return try tensor(parts[4], type: parts[2], shape: shape, isFortranOrder: isFortranOrder)
    case "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer":
      guard arguments.count >= 4,
        let shape = document.integers(arguments[2]).flatMap(TensorShape.init),
        let order = document.text(arguments[3])
      else { throw reader.malformed("the description of an array is not understood") }
      return try tensor(
        arguments[0], type: arguments[1], shape: shape, isFortranOrder: order == "F")
    default: return nil
    }
  }

  private func tensor(
    _ bytes: PickleValue.Reference, type: PickleValue.Reference, shape: TensorShape,
    isFortranOrder: Bool
  ) throws -> StoredTensor {
    try NumPyHeader.tensor(
      type: typeName(type), shape: shape, isFortranOrder: isFortranOrder
    ) { count in
      guard case .bytes(let range) = document[bytes].kind, range.count == count else {
        throw reader.malformed("an array's bytes do not fit its shape")
      }
      return .mapped(range)
    }
  }

  /// The name of a type, which is a call `numpy.dtype('f4', …)` with the byte order in its
  /// state.
  private func typeName(_ reference: PickleValue.Reference) -> String {
    guard let (function, arguments) = document.call(reference), function == "numpy.dtype",
      let name = arguments.first.flatMap(document.text),
      let state = document[reference].state.flatMap(document.sequence), state.count >= 2,
      let order = document.text(state[1])
    else { return "unknown" }
    return order + name
  }
}
