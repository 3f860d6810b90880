import Files
import Foundation

/// The tensors of an object saved by `torch.save`: a state dictionary, or a checkpoint that
/// holds one under a name like `state_dict`.
struct PyTorchTensors {
  /// The pickle's description of a storage, whose elements are outside of the pickle.
  struct Storage {
    let type: String
    let key: String
    /// The number of elements.
    let count: Int
  }

  private let document: PickleDocument
  private let path: String
  /// Locates a range of a storage's bytes.
  private let elements: (Storage, _ bytes: Range<Int>) throws -> StoredTensor.Elements

  init(
    _ document: PickleDocument, path: String,
    elements: @escaping (Storage, Range<Int>) throws -> StoredTensor.Elements
  ) {
    self.document = document
    self.path = path
    self.elements = elements
  }

  /// The names under which training programs keep a network's weights.
  private static let checkpointNames = [
    "state_dict", "model_state_dict", "model", "net", "weights",
  ]

  /// - Throws: `ModelFileError`.
  func tensors() throws -> [String: StoredTensor] {
    var root = document.root
    if let name = document.call(root)?.function, document[root].items.isEmpty,
      name != "collections.OrderedDict"
    {
      throw ModelFileError.unsupported(
        path: path,
        reason: "a whole Python object (\(name.prefix(60))), not a state dictionary; "
          + "save its state_dict() and pass that")
    }
    let found = try entries(of: root)
    if !found.isEmpty { return found }
    for name in Self.checkpointNames {
      for (key, value) in document[root].items where document.text(key) == name {
        root = value
        let found = try entries(of: root)
        if !found.isEmpty { return found }
      }
    }
    throw ModelFileError.unsupported(
      path: path, reason: "no state dictionary of tensors was found")
  }

  private func entries(of dictionary: PickleValue.Reference) throws -> [String: StoredTensor] {
    var tensors: [String: StoredTensor] = [:]
    for (key, value) in document[dictionary].items {
      guard let name = document.text(key), let tensor = try tensor(value) else { continue }
      tensors[name] = tensor
    }
    return tensors
  }

  /// The tensor that a value describes; nil if the value is not a tensor.
  private func tensor(_ reference: PickleValue.Reference) throws -> StoredTensor? {
    guard let (function, arguments) = document.call(reference) else { return nil }
    switch function {
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      return try tensor(arguments)
    case "torch._utils._rebuild_parameter", "torch.nn.parameter.Parameter":
      guard let first = arguments.first, let (inner, parts) = document.call(first),
        inner.hasPrefix("torch._utils._rebuild_tensor")
      else { return nil }
      return try tensor(parts)
    default: return nil
    }
  }

  /// - Parameter parts: storage, offset, shape and strides.
  private func tensor(_ parts: [PickleValue.Reference]) throws -> StoredTensor {
    guard let first = parts.first, let storage = storage(first) else {
      throw ModelFileError.unsupported(
        path: path,
        reason:
          "a tensor has a storage of a kind that is not supported; save plain tensors of floats"
      )
    }
    guard parts.count >= 4, let offset = document.integer(parts[1]), offset >= 0,
      let shape = document.integers(parts[2]).flatMap(TensorShape.init),
      let strides = document.integers(parts[3]), let span = shape.span(strides: strides),
      offset <= storage.count, span <= storage.count - offset
    else {
      throw ModelFileError.unsupported(
        path: path, reason: "damaged: a tensor does not fit into its storage")
    }
    guard let type = Self.elementType(storage.type) else {
      return StoredTensor(type: storage.type, shape: shape, elements: .mapped(0..<0))
    }
    let bytes = offset * type.size..<(offset + span) * type.size
    return StoredTensor(
      type: type.rawValue, shape: shape, strides: strides, elements: try elements(storage, bytes))
  }

  /// Decodes a storage's persistent identifier: the word "storage", its type, key, device and
  /// number of elements.
  private func storage(_ reference: PickleValue.Reference) -> Storage? {
    guard case .persistent(let identifier) = document[reference].kind else { return nil }
    return storage(identifier: identifier)
  }

  private func storage(identifier: PickleValue.Reference) -> Storage? {
    guard let parts = document.sequence(identifier), parts.count >= 5,
      document.text(parts[0]) == "storage", let type = document.global(parts[1]),
      let key = document.text(parts[2]), let count = document.integer(parts[4]), count >= 0,
      count <= Int.max / 8
    else { return nil }
    return Storage(type: type, key: key, count: count)
  }

  /// Every storage that the pickle names, by its key.
  func storages() -> [String: Storage] {
    var storages: [String: Storage] = [:]
    for value in document.values {
      if case .persistent(let identifier) = value.kind,
        let storage = storage(identifier: identifier)
      {
        storages[storage.key] = storage
      }
    }
    return storages
  }

  static func elementType(_ storage: String) -> ElementType? {
    switch storage {
    case "torch.FloatStorage": .float32
    case "torch.HalfStorage": .float16
    case "torch.BFloat16Storage": .bfloat16
    case "torch.DoubleStorage": .float64
    default: nil
    }
  }

  /// The size of an element in bytes; nil for an unknown type of storage.
  static func elementSize(_ storage: String) -> Int? {
    if let type = elementType(storage) { return type.size }
    return switch storage {
    case "torch.LongStorage", "torch.ComplexFloatStorage": 8
    case "torch.IntStorage": 4
    case "torch.ShortStorage": 2
    case "torch.CharStorage", "torch.ByteStorage", "torch.BoolStorage": 1
    default: nil
    }
  }
}
