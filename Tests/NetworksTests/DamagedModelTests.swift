import Files
import Foundation
import ModelFiles
import Networks
import TestSupport
import Testing

/// Reads damaged files of every format that this process parses itself.
///
/// Damage never causes a crash or more numbers than the file has bytes for, and errors name the
/// file.
@Suite struct DamagedModelTests {
  static let names = [
    "gatys.pth", "torchvision-legacy.pth", "adain.pth", "whole-module.pth",
    "reference.safetensors", "tensorflow-vgg.npy", "tensorflow-vgg-python2.npy", "frossard.npz",
    "frossard-compressed.npz", "caffe-v1.caffemodel", "caffe-v2.caffemodel", "gluon.onnx",
    "caffe2.onnx",
  ]

  @Test(arguments: names) func damageIsAnErrorThatNamesTheFile(name: String) throws {
    let errors = try DamagedFile.errors(in: VGGFiles.small.path(name), read: read)
    for (path, error) in errors where !"\(error)".contains(path) || "\(error)".utf8.count > 1000 {
      Issue.record("\(error)")
    }
    #expect(!errors.isEmpty && errors.allSatisfy { $0.error is ModelFileError })
  }

  /// Reads all tensors, and the network if the file still holds one.
  private func read(_ path: String, fileSize: Int) throws {
    let model = try ModelFile(path: path)
    var failure: ModelFileError?
    for (name, tensor) in model.tensors {
      do {
        let count = try model.tensor(name, shape: tensor.shape).elements.count
        // Compressed files may expand moderately.
        if count * 2 > 20 * fileSize + (1 << 15) {
          Issue.record("\(count) numbers of \(fileSize) bytes")
        }
      } catch let error as ModelFileError {
        failure = error
      }
    }
    if let failure { throw failure }
    _ = try VGGWeights(model, convention: InputConvention(.caffe)).readAll()
  }
}
