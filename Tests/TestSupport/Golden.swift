import Engine
import Foundation
import ModelFiles
import NetworkStore
import Networks

/// PyTorch's values of the objective; `Golden/README.md` says what is in the file.
package struct Golden: Sendable {
  package static let shared = try! Golden()

  /// The folder that the package's binaries were built into.
  package static var products: URL { Bundle.module.bundleURL.deletingLastPathComponent() }

  private let file: ModelFile

  private init() throws {
    let url = Bundle.module.url(forResource: "Golden/objective", withExtension: "safetensors")!
    file = try ModelFile(path: url.path)
  }

  /// A tensor of the file. Pictures and maps, which it holds as `[1, C, H, W]`, come as `[H, W, C]`.
  package subscript(_ name: String) -> Tensor {
    let tensor = try! file.tensor(name)
    guard tensor.shape.count == 4 else { return tensor }
    let (channels, height, width) = (tensor.shape[1], tensor.shape[2], tensor.shape[3])
    var elements = [Float](repeating: 0, count: tensor.elements.count)
    for c in 0..<channels {
      for position in 0..<height * width {
        elements[position * channels + c] = tensor.elements[c * height * width + position]
      }
    }
    return Tensor(shape: [height, width, channels], elements: elements)
  }
}

/// The network that the project ships, read from the source tree.
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
