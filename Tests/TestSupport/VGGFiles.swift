import Engine
import Foundation
import ModelFiles
import Networks

/// VGG files with random weights, which `make_vgg_files.py` wrote with the original libraries.
///
/// All but a few hold the same network.
package enum VGGFiles: String, Sendable, CaseIterable, CustomStringConvertible {
  /// Committed files of narrow networks.
  case small
  /// Files of networks of full size, which `make vgg-files` writes to a cache.
  case full

  private var folder: URL {
    let support = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return switch self {
    case .small: support.appendingPathComponent("VGGFiles")
    case .full: support.appendingPathComponent("../../.cache/vgg-files").standardized
    }
  }

  /// The sets that exist on this machine.
  package static let present = allCases.filter {
    FileManager.default.fileExists(atPath: $0.path("reference.safetensors"))
  }

  package func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  package func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  package var description: String { rawValue }

  /// A tensor of PyTorch's values, converted from `[C, H, W]` to `[H, W, C]`.
  package func expected(_ name: String) throws -> Tensor {
    let tensor = try ModelFile(path: path("features.safetensors")).tensor(name)
    let (channels, height, width) = (tensor.shape[0], tensor.shape[1], tensor.shape[2])
    return Tensor(
      shape: [height, width, channels],
      elements: (0..<tensor.elements.count).map {
        tensor.elements[$0 % channels * height * width + $0 / channels]
      })
  }
}
