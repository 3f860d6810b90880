import Engine
import Files
import Foundation

/// Named tensors in a file of weights, whatever its format.
///
/// The file is mapped or read piece by piece: only tensors that are asked for cost memory.
/// Nothing in it is ever executed.
public struct ModelFile: Sendable {
  /// Where the file is.
  public let path: String
  /// What it is.
  public let format: ModelFormat
  /// What it holds, by the names in the file.
  public let tensors: [String: StoredTensor]
  /// What the file says of itself; safetensors, Keras' and MatConvNet's files do.
  public let metadata: [String: String]
  /// The convolutions in the order in which they are applied, where the format tells: the
  /// names of their weights and biases.
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

  /// What a reader finds in a file.
  struct Contents {
    var tensors: [String: StoredTensor] = [:]
    var metadata: [String: String] = [:]
    var convolutions: [ConvolutionNames]?

    /// No network has as many, but a hostile file may.
    private static let mostTensors = 10_000

    /// Whether there is more than any network has.
    var isTooMuch: Bool { max(tensors.count, convolutions?.count ?? 0) > Self.mostTensors }
  }

  /// Opens a file, tells its format from its content and checks that every tensor lies within
  /// it.
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
  /// - Throws: `ModelFileError.missingTensor` unless there is a tensor of this name and shape,
  ///   and `.malformed` where it cannot be decoded.
  public func tensor(_ name: String, shape: [Int]) throws -> Tensor {
    Tensor(shape: shape, elements: try floats(name, shape: shape).elements)
  }

  /// The tensor of this name in the shape that the file gives.
  ///
  /// - Throws: `ModelFileError.missingTensor` if there is none of this name.
  public func tensor(_ name: String) throws -> Tensor {
    try tensor(name, shape: tensors[name]?.shape ?? [])
  }

  /// The elements in the engine's memory, the last index moving fastest. The file's pages that
  /// were read are let go.
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
          reason:
            "damaged: «\(name)» has \(values.count) numbers, and its shape \(shape) needs others")
      }
      stored = FloatBuffer(count: values.count)
      stored.pointer.update(from: values, count: values.count)
    }
    return tensor.isRowMajor ? stored : Self.rowMajor(stored, tensor)
  }

  /// Puts elements in the order of a tensor's indices.
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
