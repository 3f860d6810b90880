import Engine
import Foundation
import ModelFiles
import NetworkStore
import Networks

/// Golden values from PyTorch.
///
/// The script that wrote a file documents its content; `Golden/README.md` documents those of the
/// objective.
package struct Golden: Sendable {
  /// The values of the objective.
  package static let shared = try! Golden("objective")
  /// The values of all operations, from `make_operation_golden.py`.
  package static let operations = try! Golden("operations")
  /// The values of a residual transformer network, from `make_residual_golden.py`.
  package static let residual = try! Golden("residual")

  /// The folder of the package's built products.
  package static var products: URL { Bundle.module.bundleURL.deletingLastPathComponent() }

  private let file: ModelFile

  private init(_ name: String) throws {
    let url = Bundle.module.url(forResource: "Golden/\(name)", withExtension: "safetensors")!
    file = try ModelFile(path: url.path)
  }

  /// A tensor of the file. Pictures and maps `[1, C, H, W]` are converted to `[H, W, C]`.
  package subscript(_ name: String) -> Tensor {
    let tensor = stored(name)
    return tensor.shape.count == 4 ? Self.map(of: tensor, item: 0) : tensor
  }

  /// The maps of a batch `[N, C, H, W]`, each converted to `[H, W, C]`.
  package func batch(_ name: String) -> [Tensor] {
    let tensor = stored(name)
    return (0..<tensor.shape[0]).map { Self.map(of: tensor, item: $0) }
  }

  /// A tensor in its stored shape, such as weights.
  package func stored(_ name: String) -> Tensor { try! file.tensor(name) }

  /// Whether the file has a tensor.
  package func has(_ name: String) -> Bool { file.tensors[name] != nil }

  private static func map(of batch: Tensor, item: Int) -> Tensor {
    let (channels, height, width) = (batch.shape[1], batch.shape[2], batch.shape[3])
    var elements = [Float](repeating: 0, count: channels * height * width)
    let first = item * elements.count
    for c in 0..<channels {
      for position in 0..<height * width {
        elements[position * channels + c] = batch.elements[first + c * height * width + position]
      }
    }
    return Tensor(shape: [height, width, channels], elements: elements)
  }
}

/// The shipped network, read from the source tree.
package enum ShippedNetwork {
  package static let path = URL(fileURLWithPath: #filePath)
    .appendingPathComponent(
      "../../../Sources/NetworkStore/Resources/models/\(Model.vgg16HED.name).safetensors"
    )
    .standardized.path

  private static let average = try! load(.average)
  private static let max = try! load(.max)

  package static func network(_ pooling: Pooling) -> FeatureNetwork {
    pooling == .average ? average : max
  }

  package static func network(_ pooling: Pooling, _ padding: Padding) throws -> FeatureNetwork {
    padding == .zero ? network(pooling) : try load(pooling, padding)
  }

  private static func load(_ pooling: Pooling, _ padding: Padding = .zero) throws -> FeatureNetwork
  {
    try FeatureNetwork(
      weights: VGGWeights(ModelFile(path: path)), pooling: pooling, padding: padding)
  }
}
