import Engine
import Files
import Foundation

/// Named tensors in a file of weights of any supported format.
///
/// The file is mapped or read in parts, so only the tensors that are read take memory. Files
/// are untrusted: nothing in them is ever executed.
public struct ModelFile: Sendable {
  /// The path of the file.
  public let path: String
  /// The format of the file.
  public let format: ModelFormat
  /// The tensors by their names in the file.
  public let tensors: [String: StoredTensor]
  /// The metadata of the file, in safetensors and in files of Keras and MatConvNet.
  public let metadata: [String: String]
  /// The names of the convolutions' tensors in the order of evaluation; nil if the format does
  /// not record the order.
  public let convolutions: [ConvolutionNames]?
  private let file: MappedFile

  /// The names of a convolution's two tensors.
  public struct ConvolutionNames: Sendable, Hashable {
    public let weight: String
    public let bias: String

    public init(weight: String, bias: String) {
      self.weight = weight
      self.bias = bias
    }
  }

  /// The contents of a file.
  struct Contents {
    var tensors: [String: StoredTensor] = [:]
    var metadata: [String: String] = [:]
    var convolutions: [ConvolutionNames]?

    /// Far more than a network has. A hostile file may list more.
    private static let mostTensors = 10_000

    /// Whether the contents exceed those of any network.
    var isTooMuch: Bool { max(tensors.count, convolutions?.count ?? 0) > Self.mostTensors }
  }

  /// Opens a file, detects its format from its content and checks that every tensor is within
  /// the file.
  ///
  /// - Throws: `ModelFileError`.
  public init(path: String) throws {
    var file = try MappedFile(path: path)
    let format = try ModelFormat.recognized(in: file)
    let contents: Contents
    switch format {
    case .safetensors: contents = try SafetensorsReader.contents(of: file)
    case .pytorchStream: contents = try PyTorchStream.contents(of: file)
    case .pytorchArchive: contents = try PyTorchArchive.contents(of: file)
    case .numpy: contents = try NumPyFile.contents(of: file)
    case .numpyArchive: contents = try NumPyArchive.contents(of: file)
    case .caffe: contents = try CaffeModel.contents(of: file)
    case .onnx: contents = try ONNXModel.contents(of: file)
    case .hdf5, .matlab: (file, contents) = try IsolatedReader.contents(of: file, format)
    }
    self.path = path
    self.file = file
    self.format = format
    tensors = contents.tensors
    metadata = contents.metadata
    convolutions = contents.convolutions
  }

  /// Reads one tensor and widens it to `Float`.
  ///
  /// - Throws: `ModelFileError.missingTensor` if there is no tensor of this name and shape, and
  ///   `.malformed` if it cannot be decoded.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    Tensor(shape: shape, elements: try floats(name, shape: shape).elements)
  }

  /// Reads one tensor in the shape that the file records.
  ///
  /// - Throws: `ModelFileError.missingTensor` if there is none of this name.
  public func tensor(_ name: String) throws -> Tensor {
    try tensor(name, shape: tensors[name]?.shape ?? [])
  }

  /// Reads the elements in row-major order into the engine's memory, and releases the file's
  /// pages.
  ///
  /// - Throws: as `tensor(_:shape:)`.
  package func floats(_ name: String, shape: [Int]) throws -> FloatBuffer {
    guard let tensor = tensors[name], tensor.shape == shape, let type = tensor.elementType else {
      throw ModelFileError.missingTensor(path: path, name: name, expected: shape)
    }
    let stored: FloatBuffer
    switch tensor.elements {
    case .mapped(let range):
      stored = FloatBuffer(count: range.count / type.size)
      type.widen(file.data[range], into: stored.pointer)
      file.release(range)
    case .member(let member, let range):
      stored = FloatBuffer(count: range.count / type.size)
      type.widen(try member.bytes(range), into: stored.pointer)
    case .decoded(let decode):
      let values = try decode()
      guard values.count == tensor.count else {
        throw ModelFileError.unsupported(
          path: path,
          reason: values.isEmpty
            ? "'\(name)' has no numbers, or holds them in a form that is not supported"
            : "damaged: '\(name)' has \(values.count) numbers, which do not fit its shape \(shape)"
        )
      }
      stored = FloatBuffer(count: values.count)
      stored.pointer.update(from: values, count: values.count)
    }
    return tensor.isRowMajor ? stored : Self.rowMajor(stored, tensor)
  }

  /// The elements of a tensor in single precision where they are in the mapped file; a copy if they
  /// are not in the engine's form. They must not be changed.
  ///
  /// - Throws: as `tensor(_:shape:)`.
  package func mappedFloats(_ name: String, shape: [Int]) throws -> FloatBuffer {
    guard let tensor = tensors[name], tensor.shape == shape, tensor.elementType == .float32,
      tensor.isRowMajor, case .mapped(let range) = tensor.elements, Self.isLittleEndian
    else { return try floats(name, shape: shape) }
    return try file.data.withUnsafeBytes { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress! + range.lowerBound)
      guard start == start.alignedUp(for: Float.self) else {
        return try floats(name, shape: shape)
      }
      return FloatBuffer(
        viewing: start.assumingMemoryBound(to: Float.self), count: tensor.count, of: file)
    }
  }

  private static let isLittleEndian = 1.littleEndian == 1

  /// Copies elements into row-major order.
  private static func rowMajor(_ stored: FloatBuffer, _ tensor: StoredTensor) -> FloatBuffer {
    let result = FloatBuffer(count: tensor.count)
    guard tensor.count > 0 else { return result }
    var index = [Int](repeating: 0, count: tensor.shape.count)
    var place = 0
    for i in 0..<tensor.count {
      result.pointer[i] = stored.pointer[place]
      for axis in index.indices.reversed() {
        index[axis] += 1
        place += tensor.strides[axis]
        if index[axis] < tensor.shape[axis] { break }
        place -= index[axis] * tensor.strides[axis]
        index[axis] = 0
      }
    }
    return result
  }
}
