import CHDF5
import ModelFiles

/// The arrays of a Keras file of any version, by their paths in the file.
///
/// Arrays of fully connected layers are not read.
struct HDF5Weights {
  private let file: Handle
  private let limits: ResourceLimits

  private final class Handle {
    let file: chdf5_file

    init(_ path: String) throws {
      file = chdf5_open(path)
      guard file >= 0 else {
        throw IsolatedReadingError("damaged, or written by a newer library: libhdf5 cannot open it")
      }
    }

    deinit { chdf5_close(file) }
  }

  private static let mostArrays = 10_000
  /// The name of the optimizer's state, which looks like more layers.
  private static let optimizer = "optimizer"

  init(_ path: String, limits: ResourceLimits) throws {
    file = try Handle(path)
    self.limits = limits
  }

  func contents() throws -> IsolatedContents {
    var contents = IsolatedContents()
    for (name, shape) in try arrays() where !name.hasPrefix(Self.optimizer) {
      try limits.check(shape, of: name)
      if shape.lengths.count == 4 || shape.lengths.count == 1 {
        contents.items.append(item(name, shape: shape))
      } else {
        contents.skip(name, shape: shape.lengths)
      }
    }
    for group in ["/", "/model_weights"] {
      if let backend = attribute("backend", of: group) {
        contents.metadata["keras.backend"] = backend
      }
    }
    return contents
  }

  private func item(_ name: String, shape: TensorShape) -> SafetensorsWriter.Item {
    SafetensorsWriter.Item(name: name, shape: shape.lengths, precision: .single) { [file] in
      let count = shape.count
      return try [Float](unsafeUninitializedCapacity: count) { values, initialized in
        guard chdf5_read(file.file, name, values.baseAddress, count) else {
          throw IsolatedReadingError("damaged: libhdf5 cannot read '\(name.prefix(80))'")
        }
        initialized = count
      }
    }
  }

  private func arrays() throws -> [(name: String, shape: TensorShape)] {
    final class Found {
      var arrays: [(name: String, shape: TensorShape)] = []
      var isTooMuch = false
    }
    let found = Found()
    let isWhole = chdf5_visit(
      file.file,
      { array, context in
        let found = Unmanaged<Found>.fromOpaque(context!).takeUnretainedValue()
        let array = array!.pointee
        let lengths = withUnsafeBytes(of: array.lengths) {
          $0.bindMemory(to: UInt64.self).prefix(Int(array.dimensions)).map { Int(clamping: $0) }
        }
        guard found.arrays.count < HDF5Weights.mostArrays, let shape = TensorShape(lengths) else {
          found.isTooMuch = true
          return
        }
        found.arrays.append((String(cString: array.name), shape))
      }, Unmanaged.passUnretained(found).toOpaque())
    guard isWhole, !found.isTooMuch else {
      throw IsolatedReadingError(
        "not a network's weights: its groups and arrays are invalid, too many or nested too deep")
    }
    return found.arrays
  }

  private func attribute(_ name: String, of object: String) -> String? {
    var text = [CChar](repeating: 0, count: 64)
    guard chdf5_attribute(file.file, object, name, &text, text.count) else { return nil }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
