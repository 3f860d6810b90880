import Engine
import Foundation
import ModelFiles

/// Small random style networks that PyTorch and onnxruntime wrote, and what they compute with them,
/// from `make_stylizer_fixtures.py`.
package enum StylizerFiles {
  /// Johnson's network, in all files with the same weights.
  package static let johnson =
    ["johnson.pth", "johnson-stream.pth", "johnson-dynamic.onnx"]
    + [9, 11, 13, 18].map { "johnson-\($0).onnx" }

  /// The path of a file.
  package static func path(_ name: String) -> String {
    Bundle.module.url(forResource: "Stylizers", withExtension: nil)!
      .appendingPathComponent(name).path
  }

  /// A tensor of the expected values.
  package static func expected(_ name: String) throws -> Tensor {
    try ModelFile(path: path("expected.safetensors")).tensor(name)
  }
}
