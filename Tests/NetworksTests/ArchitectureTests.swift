import Foundation
import ModelFiles
import Networks
import Testing

@Suite struct ArchitectureTests {
  /// Compares indices with those in torchvision's `vgg16().features` and `vgg19().features`.
  @Test(arguments: [
    ("conv1_1:pre", 0, 0), ("relu1_1", 1, 1), ("pool1", 4, 4), ("relu2_1", 6, 6),
    ("relu3_1", 11, 11),
    ("relu4_1", 18, 20), ("conv4_2:pre", 19, 21), ("relu4_2", 20, 22), ("relu5_1", 25, 29),
    ("pool5", 30, 36),
  ])
  func numbersAreTorchvisions(name: String, vgg16: Int, vgg19: Int) throws {
    #expect(try Architecture.vgg16.layer(name).index == vgg16)
    #expect(try Architecture.vgg16.layer(String(vgg16)).name == name)
    #expect(try Architecture.vgg19.layer(name).index == vgg19)
    #expect(try Architecture.vgg19.layer(String(vgg19)).name == name)
  }

  @Test func convolutionMeansAfterTheReLU() throws {
    #expect(try Architecture.vgg16.layer("conv4_2") == Architecture.vgg16.layer("relu4_2"))
    #expect(try Architecture.vgg16.layer("conv4_2:pre") != Architecture.vgg16.layer("relu4_2"))
  }

  @Test(arguments: [
    "conv3_4", "relu6_1", "31", "-1", "", "conv", "relu1_1:pre", "pool6", "CONV1_1",
  ])
  func unknownLayersAreErrorsThatListAllLayers(name: String) {
    #expect {
      try Architecture.vgg16.layer(name)
    } throws: { error in
      let message = String(describing: error)
      return message.contains("\"\(name)\"") && message.contains("relu5_3")
        && message.contains("pool1")
    }
  }

  @Test func convolutionsAreThirteenAndSixteen() {
    #expect(Architecture.vgg16.layers.filter { $0.kind == .convolution }.count == 13)
    #expect(Architecture.vgg19.layers.filter { $0.kind == .convolution }.count == 16)
  }

  /// The numbers of channels of each convolution, the network, its blocks and its last layers.
  @Test(arguments: [
    ([8], "vgg19", [1], "relu1_1"), ([8, 8], "vgg19", [2], "pool1"),
    ([8, 8, 9, 9, 7, 7, 7], "vgg19", [2, 2, 3], "relu3_3"),
    // The eighth convolution tells the networks apart.
    ([8, 8, 9, 9, 7, 7, 7, 5], "vgg16", [2, 2, 3, 1], "relu4_1"),
    ([8, 8, 9, 9, 7, 7, 7, 7], "vgg19", [2, 2, 4], "pool3"),
    ([8, 8, 9, 9, 7, 7, 7, 7, 5], "vgg19", [2, 2, 4, 1], "relu4_1"),
    ([8, 8, 9, 9, 7, 7, 7, 7, 5, 5, 5, 5, 6], "vgg19", [2, 2, 4, 4, 1], "relu5_1"),
    ([8, 8, 9, 9, 7, 7, 7, 5, 5, 5, 6, 6, 6], "vgg16", [2, 2, 3, 3, 3], "pool5"),
  ])
  func aNetworkMayEndEarly(channels: [Int], name: String, blocks: [Int], last: String) throws {
    let architecture = try VGGWeights(shortNetwork(channels), convention: .init(.caffe))
      .architecture
    #expect(architecture.name == name && architecture.convolutions == blocks)
    #expect(architecture.layers.last?.name == last)
    let isComplete = blocks == Architecture.vgg16.convolutions
    #expect(architecture.endsEarly == !isComplete)
    let convolution = "conv\(blocks.count)_\(blocks.last!)"
    let missing = name == "vgg16" ? "relu5_3" : "relu5_4"
    #expect {
      try architecture.layer(isComplete ? "relu5_4" : missing)
    } throws: { error in
      isComplete
        || "\(error)"
          == "this network ends at \(convolution), so it has no layer \"\(missing)\"; "
          + "choose an earlier layer, or a complete \(name)."
    }
  }

  @Test(arguments: [[8, 9], [8, 8, 9, 9, 7, 7, 5], [Int](repeating: 8, count: 17)])
  func channelsThatFitNoBlocksAreErrors(channels: [Int]) {
    #expect(throws: ModelFileError.self) { try VGGWeights(shortNetwork(channels)) }
  }

  /// A file with convolutions of zeros.
  private func shortNetwork(_ channels: [Int]) throws -> ModelFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "\(UUID()).safetensors")
    defer { try? FileManager.default.removeItem(at: path) }
    var items: [SafetensorsWriter.Item] = []
    var inputs = 3
    for (number, outputs) in channels.enumerated() {
      for (name, shape) in [("weight", [outputs, inputs, 3, 3]), ("bias", [outputs])] {
        items.append(
          .init(name: "features.\(number).\(name)", shape: shape, precision: .single) {
            [Float](repeating: 0, count: shape.reduce(1, *))
          })
      }
      inputs = outputs
    }
    var data = Data()
    try SafetensorsWriter.write(items, metadata: [:]) { data += $0 }
    try data.write(to: path)
    return try ModelFile(path: path.path)
  }

  @Test func channelsAndStridesFollowTheBlocks() throws {
    let layer = try Architecture.vgg16.layer("relu4_1")
    #expect(layer.channels == 512 && layer.stride == 8)
    #expect(try Architecture.vgg16.layer("pool4").stride == 16)
  }
}
