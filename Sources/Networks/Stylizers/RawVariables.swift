import Engine
import Files
import Foundation
import ModelFiles

/// A folder of TensorFlow's variables as raw numbers, with a `manifest.json` of their names and
/// shapes, as deeplearn.js dumped checkpoints.
///
/// The networks are those of https://github.com/lengstrom/fast-style-transfer: zero padding, three
/// transposed or strided convolutions in both directions, and norms after all convolutions.
enum RawVariables {
  /// The epsilon of the network's norms.
  private static let epsilon: Float = 1e-3
  /// Far more than a manifest has.
  private static let mostManifestBytes = 1 << 20

  private struct Entry: Decodable {
    let filename: String
    let shape: [Int]
  }

  /// - Throws: `ModelFileError`, and `FileError` if a file cannot be read.
  static func network(folder: String) throws -> StylizerNetwork {
    let variables = try Variables(folder: folder)
    // Each convolution has a kernel, a shift and a scale.
    let convolutions = variables.count / 3
    let blocks = (convolutions - 6) / 2
    guard variables.count % 3 == 0, convolutions >= 6, convolutions % 2 == 0 else {
      throw variables.unsupported("\(variables.count) variables are not those of a style network")
    }
    func outputs(_ index: Int, at axis: Int) throws -> Int {
      let shape = try variables.shape(3 * index)
      guard shape.count == 4 else { throw variables.unsupported("a kernel has no four dimensions") }
      return shape[axis]
    }
    let last = convolutions - 1
    let architecture = TransformerArchitecture(
      contraction: try (0...2).map { try outputs($0, at: 3) }, blocks: blocks,
      expansion: try [last - 2, last - 1].map { try outputs($0, at: 2) }, padding: .zero,
      upsampling: .transposed, scaling: .single, normalizesContraction: true,
      normalizesOutput: true, hasBiases: false, output: .tanh, epsilon: epsilon)
    guard architecture.isPlausible else {
      throw variables.unsupported("its kernels are not those of a style network")
    }
    var weights: [String: Tensor] = [:]
    for (index, (convolution, norm)) in names(blocks: blocks).enumerated() {
      let kernel = try variables.tensor(3 * index)
      weights["\(convolution).conv2d.weight"] = kernel.withOutputsFirst
      weights["\(norm).bias"] = try variables.tensor(3 * index + 1)
      weights["\(norm).weight"] = try variables.tensor(3 * index + 2)
    }
    return try StylizerNetwork(architecture, weights: weights, path: folder)
  }

  /// The names of the convolutions and of the norms after them.
  private static func names(blocks: Int) -> [(convolution: String, norm: String)] {
    let inner = (0..<blocks).flatMap { block in
      (1...2).map { ("res\(block + 1).conv\($0)", "res\(block + 1).in\($0)") }
    }
    return (1...3).map { ("conv\($0)", "in\($0)") } + inner
      + (1...3).map { ("deconv\($0)", "in\($0 + 3)") }
  }

  /// The variables in the order of their numbers.
  private struct Variables {
    let folder: String
    private let entries: [String: Entry]
    var count: Int { entries.count }

    init(folder: String) throws {
      self.folder = folder
      let path = "\(folder)/manifest.json"
      guard InputFile.exists(path) else {
        throw ModelFileError.unsupported(
          path: folder, reason: "the folder has no manifest.json, so it is not a style network")
      }
      let file = try MappedFile(path: path)
      guard file.data.count <= mostManifestBytes,
        let entries = try? JSONDecoder().decode([String: Entry].self, from: file.data)
      else {
        throw ModelFileError.unsupported(path: path, reason: "it does not list variables")
      }
      // Manifests also list the variables of the optimizer, which are not in the folder.
      self.entries = entries.filter { name, _ in
        name == "Variable"
          || Int(name.dropFirst("Variable_".count)).map { "Variable_\($0)" } == name
      }
    }

    func unsupported(_ reason: String) -> ModelFileError {
      .unsupported(path: folder, reason: reason)
    }

    private func entry(_ index: Int) throws -> Entry {
      let name = index == 0 ? "Variable" : "Variable_\(index)"
      guard let entry = entries[name], !entry.filename.contains("/"), entry.filename != ".." else {
        throw unsupported("manifest.json does not list \(name)")
      }
      return entry
    }

    func shape(_ index: Int) throws -> [Int] { try entry(index).shape }

    func tensor(_ index: Int) throws -> Tensor {
      let entry = try entry(index)
      let path = "\(folder)/\(entry.filename)"
      let file = try MappedFile(path: path)
      guard let shape = TensorShape(entry.shape), file.data.count == 4 * shape.count else {
        throw ModelFileError.unsupported(
          path: path,
          reason: "it has \(file.data.count) bytes, which do not fit its shape in manifest.json")
      }
      let elements = file.data.withUnsafeBytes { raw in
        (0..<shape.count).map {
          Float(
            bitPattern: UInt32(
              littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
      }
      return Tensor(shape: entry.shape, elements: elements)
    }
  }
}

extension Tensor {
  /// A kernel `[height, width, a, b]` as `[b, a, height, width]`.
  ///
  /// Convolutions have inputs before outputs, transposed ones outputs before inputs.
  fileprivate var withOutputsFirst: Tensor {
    guard shape.count == 4 else { return self }
    let (height, width, a, b) = (shape[0], shape[1], shape[2], shape[3])
    var result: [Float] = []
    result.reserveCapacity(elements.count)
    for last in 0..<b {
      for first in 0..<a {
        for place in 0..<height * width { result.append(elements[(place * a + first) * b + last]) }
      }
    }
    return Tensor(shape: [b, a, height, width], elements: result)
  }
}
