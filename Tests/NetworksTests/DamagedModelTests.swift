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
    let whole = try Data(contentsOf: URL(fileURLWithPath: VGGFiles.small.path(name)))
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString)-\(name)")
    defer { try? FileManager.default.removeItem(at: file) }
    var random = SmallRandom(UInt64(name.utf8.reduce(0) { $0 &* 31 &+ Int($1) } & 0xffff))
    var errors = 0
    for _ in 0..<DamagedFile.count(usually: 300) {
      let damaged = DamagedFile.damaged(whole, &random)
      try damaged.write(to: file)
      do {
        try read(file.path, fileSize: damaged.count)
      } catch let error as ModelFileError {
        errors += 1
        if !"\(error)".contains(file.path) || "\(error)".utf8.count > 1000 {
          Issue.record("\(error)")
        }
      }
    }
    #expect(errors > 0)
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
