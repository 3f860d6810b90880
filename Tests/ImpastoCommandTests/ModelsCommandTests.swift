import Foundation
import Impasto
import ModelFiles
import TestSupport
import Testing

/// Reads weights with the real binary, which alone supports Keras' and MatConvNet's files.
@Suite struct ModelsCommandTests {
  private let command: Command

  init() throws { command = try Command() }

  private func expectReference(_ path: String, _ files: VGGFiles) throws {
    let converted = try ModelFile(path: path)
    let reference = try ModelFile(path: files.path("reference.safetensors"))
    #expect(Set(converted.tensors.keys) == Set(reference.tensors.keys))
    for name in reference.tensors.keys {
      let (a, b) = (try converted.tensor(name), try reference.tensor(name))
      #expect(a.shape == b.shape)
      #expect(a.elements.map(\.bitPattern) == b.elements.map(\.bitPattern), "\(name)")
    }
  }

  static let isolated = [
    "keras1-theano.h5", "keras1-tf.h5", "keras2.h5", "keras2-notop.h5", "keras2-model.h5",
    "keras3.weights.h5", "keras3-model.h5", "matconvnet.mat", "matconvnet-compressed.mat",
    "matconvnet-old.mat",
  ]

  @Test(arguments: isolated, VGGFiles.present)
  func kerasAndMatConvNetAreConvertedExactly(name: String, files: VGGFiles) throws {
    let result = try command.run("models", "convert", files.path(name), "-o", "out.safetensors")
    #expect(result.status == 0, "\(result.errors)")
    try expectReference(command.path("out.safetensors"), files)
  }

  @Test(arguments: [
    ("keras1-theano.h5", ["HDF5", "OIHW, flipped", "BGR", "with fully connected"]),
    ("keras2-notop.h5", ["HDF5", "HWIO", "BGR", "without fully connected", "Keras'"]),
    ("matconvnet-old.mat", ["MATLAB", "RGB", "average image", "fc6.weight", "7x7x16x8"]),
    ("adain.pth", ["reflect", "rounds up", "1x1 convolution"]),
    ("gluon.onnx", ["ONNX", "torchvision", "vgg0_conv0_weight"]),
  ])
  func inspectionDescribesAFile(name: String, says: [String]) throws {
    let result = try command.run("models", "inspect", VGGFiles.small.path(name))
    #expect(result.status == 0, "\(result.errors)")
    for text in says + ["SHA-256", "strength", "relu5_1"] {
      #expect(result.output.contains(text), "\(text): \(result.output)")
    }
  }

  @Test func anUnknownPreprocessingIsRequested() throws {
    let file = VGGFiles.small.path("caffe-legacy.pth")
    let result = try command.run("models", "inspect", file)
    #expect(result.status != 0)
    #expect(result.lines.count == 1)
    #expect(result.errors.contains("--preprocessing caffe"))
    #expect(result.output.contains("With --preprocessing torchvision:"))
    let layers = try command.run("layers", "--model", file)
    #expect(layers.status == 64)
    #expect(layers.errors.contains("--preprocessing caffe"))
    let told = try command.run(
      "models", "convert", file, "-o", "out.safetensors", "--preprocessing", "caffe")
    #expect(told.status == 0)
    try expectReference(command.path("out.safetensors"), .small)
  }

  /// A wrong preprocessing of the shipped network is detected.
  @Test func activationsRevealWrongPreprocessing() throws {
    let right = try command.run("models", "inspect", "vgg16-hed")
    #expect(right.output.contains("as it should"))
    let wrong = try command.run(
      "models", "inspect", "vgg16-hed", "--preprocessing", "torchvision")
    #expect(wrong.output.contains("too weak"))
  }

  @Test func anInstalledNetworkIsUsedByItsName() throws {
    try command.makePicture("photo.png")
    try command.makePicture("painting.png", seed: 2)
    let install = try command.run(
      "models", "install", VGGFiles.small.path("keras2-notop.h5"), "--name", "mine", "--precision",
      "fp16")
    #expect(install.status == 0, "\(install.errors)")
    #expect(install.output == "Installed: use it with --model mine\n")
    #expect(try command.run("models", "list").output.contains("mine"))
    let path = try command.run("models", "path", "mine").output.trimmingCharacters(
      in: .whitespacesAndNewlines)
    #expect(path == command.path("data/impasto/models/mine.safetensors"))
    let transfer = try command.run(
      "transfer", "photo.png", "--style", "painting.png", "--model", "mine", "--iterations", "2",
      "-o", "out.png")
    #expect(transfer.status == 0, "\(transfer.errors)")
    #expect(try command.recipe(of: "out.png").contains("model = \"mine\""))
    #expect(try command.run("models", "remove", "mine").status == 0)
    let gone = try command.run(
      "transfer", "photo.png", "--style", "painting.png", "--model", "mine", "-o", "again.png")
    #expect(gone.status == 64)
    #expect(gone.errors.contains("mine"))
    #expect(!command.exists("again.png"))
  }

  @Test func aRecipeKeepsThePreprocessing() throws {
    try command.makePicture("photo.png")
    try command.makePicture("painting.png", seed: 2)
    let file = VGGFiles.small.path("torchvision-legacy.pth")
    let first = try command.run(
      "transfer", "photo.png", "--style", "painting.png", "--model", file, "--preprocessing",
      "torchvision", "--iterations", "2", "-o", "a.png")
    #expect(first.status == 0, "\(first.errors)")
    let again = try command.run("transfer", "--recipe", "a.png", "-o", "b.png")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try command.bytes("a.png") == command.bytes("b.png"))
  }

  @Test func aPublishedNameWithAnotherDigestIsMentioned() throws {
    try FileManager.default.copyItem(
      atPath: VGGFiles.small.path("caffe-legacy.pth"), toPath: command.path("vgg19-d01eb7cb.pth"))
    let result = try command.run(
      "models", "install", "vgg19-d01eb7cb.pth", "--preprocessing", "caffe", "--name", "mine")
    #expect(result.status == 0)
    #expect(result.errors.contains("another SHA-256"))
  }

  @Test func withoutANetworkTheLineSaysWhatToDo() throws {
    let result = try command.run("models", "install", "vgg19", "--from", "http://127.0.0.1:9/")
    #expect(result.status == 1)
    #expect(result.lines.last?.contains("impasto models install FILE --name vgg19") == true)
    let unused = try command.run("layers", "--model", "vgg19")
    #expect(unused.status == 64)
    #expect(unused.errors.contains("impasto models install vgg19"))
  }

  static let mistakes: [(arguments: [String], says: String)] = [
    (["convert", "missing.pth", "-o", "out.safetensors"], "missing.pth"),
    (["convert", VGGFiles.small.path("gatys.pth"), "-o", "out.bin"], ".safetensors"),
    (["convert", VGGFiles.small.path("gatys.pth"), "-o", "no/out.safetensors"], "no/out"),
    (["convert", VGGFiles.small.path("vgg19-bn.pth"), "-o", "out.safetensors"], "batch"),
    (["install", "nothing"], "nothing"), (["install", "vgg19", "--name", "a"], "--name"),
    (["install", VGGFiles.small.path("gatys.pth"), "--name", "../a"], "../a"),
    (["install", "vgg19", "--from", "ftp://a/b"], "--from"), (["remove", "nothing"], "nothing"),
    (["path", "nothing"], "nothing"), (["inspect", "/"], "folder"),
    (["convert", VGGFiles.small.path("hostile-huge.h5"), "-o", "out.safetensors"], "larger"),
    (
      ["convert", VGGFiles.small.path("hostile-deep.h5"), "-o", "out.safetensors"], "nested"
    ),
    (
      ["convert", VGGFiles.small.path("hostile-shape.h5"), "-o", "out.safetensors"], "too many"
    ),
    (
      ["convert", VGGFiles.small.path("hostile-shape.npz"), "-o", "out.safetensors"], "impossible"
    ),
    (
      ["convert", VGGFiles.small.path("hostile-external.h5"), "-o", "out.safetensors"], "not a VGG"
    ),
  ]

  @Test(arguments: mistakes) func mistakesAreOneLine(arguments: [String], says: String) throws {
    let process = try command.start(["models"] + arguments)
    let result = try process.finish()
    #expect(result.status != 0 && result.status < 128)
    #expect(result.lines.count == 1, "\(result.errors)")
    #expect(result.errors.contains(says), "\(result.errors)")
    #expect(try command.files().filter { $0 != "data" }.isEmpty)
  }

  /// The libraries for these formats may crash or hang; the parent process must still report it.
  @Test(arguments: ["keras2-notop.h5", "keras2-model.h5", "matconvnet.mat", "matconvnet-old.mat"])
  func damageIsOneLineThatNamesTheFile(name: String) throws {
    let whole = try Data(contentsOf: URL(fileURLWithPath: VGGFiles.small.path(name)))
    var random = SmallRandom(UInt64(name.utf8.count))
    for _ in 0..<max(1, DamagedFile.count(usually: 1000) / 100) {
      try DamagedFile.damaged(whole, &random).write(to: URL(fileURLWithPath: command.path(name)))
      let result = try command.run("models", "convert", name, "-o", "out.safetensors")
      if result.status == 0 {
        try FileManager.default.removeItem(atPath: command.path("out.safetensors"))
      } else if result.status != 1 || result.lines.count != 1 || !result.errors.contains(name)
        || command.exists("out.safetensors")
      {
        Issue.record("status \(result.status): \(result.errors)")
      }
    }
  }
}
