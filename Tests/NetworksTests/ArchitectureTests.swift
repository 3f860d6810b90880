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

  @Test func channelsAndStridesFollowTheBlocks() throws {
    let layer = try Architecture.vgg16.layer("relu4_1")
    #expect(layer.channels == 512 && layer.stride == 8)
    #expect(try Architecture.vgg16.layer("pool4").stride == 16)
  }
}
