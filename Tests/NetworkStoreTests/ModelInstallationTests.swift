import Files
import Foundation
import Impasto
import ModelFiles
import Networks
import TestSupport
import Testing

/// Tests installing from a local server that resumes, fails, or sends wrong data.
@Suite struct ModelInstallationTests {
  private let installed: InstalledModels
  private let folder: URL
  private let server: ModelServer
  private let data: Data
  private let digest: String
  private static let fileName = "vgg.pth"

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())")
    installed = InstalledModels(environment: ["XDG_DATA_HOME": folder.path])
    server = try ModelServer()
    let path = VGGFiles.small.path("gatys.pth")
    data = try Data(contentsOf: URL(fileURLWithPath: path))
    digest = try FileDigest.sha256(ofFile: path)
  }

  private func model(
    _ paths: [String], digest: PublishedFile.Digest? = nil, hasSize: Bool = true
  ) -> Model {
    Model(
      "test", "A network of this test", license: "none",
      files: [
        PublishedFile(
          name: Self.fileName, addresses: paths.map(server.address),
          size: hasSize ? data.count : nil,
          digest: digest ?? .full(self.digest), convention: InputConvention(.caffe))
      ])
  }

  private func install(_ model: Model) async throws {
    try await ModelInstallation(installed: installed).install(model) { _ in }
  }

  private func files() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: installed.folder.path)) ?? []).sorted()
  }

  private func expectInstalled() throws {
    #expect(files() == ["test.safetensors"])
    let weights = try VGGWeights(ModelFile(path: try #require(installed.path(of: "test"))))
    let reference = try ModelFile(path: VGGFiles.small.path("reference.safetensors"))
    let first = try weights.architecture.layer("conv1_1:pre")
    #expect(
      try weights.weights(of: first).elements == reference.tensor("conv1_1.weight").elements)
    #expect(
      try ModelPlace(nameOrPath: "test", installed: installed).path.hasSuffix("test.safetensors"))
  }

  @Test func aNetworkIsDownloadedVerifiedAndConverted() async throws {
    server.serve(data, at: "a")
    try await install(model(["a"]))
    try expectInstalled()
    #expect(server.ranges(of: "a") == [nil])
    try installed.remove("test")
    #expect(files().isEmpty)
  }

  @Test(arguments: [ModelServer.Behavior.tampering, .missing, .endless])
  func aMirrorHelpsWhereTheFirstAddressFails(behavior: ModelServer.Behavior) async throws {
    server.serve(data, at: "a", behavior)
    server.serve(data, at: "b")
    try await install(model(["a", "b"]))
    try expectInstalled()
  }

  @Test func tamperedFilesAreNotInstalled() async throws {
    server.serve(data, at: "a", .tampering)
    let model = model(["a"])
    let error = await #expect(throws: ModelsError.self) { try await install(model) }
    guard case .unreachable(let named, let reasons)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named.name == "test" && reasons.count == 1)
    #expect(reasons.first?.contains("not vgg.pth as published") == true)
    #expect(files().isEmpty)
  }

  @Test func firstDigitsOfADigestAreChecked() async throws {
    server.serve(data, at: "a")
    let wrong = model(["a"], digest: .firstDigits("01234567"), hasSize: false)
    await #expect(throws: ModelsError.self) { try await install(wrong) }
    #expect(files().isEmpty)
    try await install(
      model(["a"], digest: .firstDigits(String(digest.prefix(8))), hasSize: false))
    try expectInstalled()
  }

  @Test func anInterruptedDownloadIsResumed() async throws {
    server.serve(data, at: "a", .cut(50_000))
    let model = model(["a"])
    await #expect(throws: ModelsError.self) { try await install(model) }
    #expect(files() == [".test-vgg.pth.part"])
    server.serve(data, at: "a")
    try await install(model)
    try expectInstalled()
    let ranges = server.ranges(of: "a")
    #expect(ranges.count == 2)
    let start = try #require(ranges.last ?? nil)
    #expect(start == "bytes=50000-")
  }

  @Test func aServerWithoutRangesRestartsTheDownload() async throws {
    server.serve(data, at: "a", .cut(50_000))
    let model = model(["a"])
    await #expect(throws: ModelsError.self) { try await install(model) }
    server.serve(data, at: "a", .withoutRanges)
    try await install(model)
    try expectInstalled()
  }

  @Test func withoutADigestDownloadsAreNotResumed() async throws {
    server.serve(data, at: "a", .cut(50_000))
    let model = model(["a"], digest: .unknown)
    await #expect(throws: ModelsError.self) { try await install(model) }
    server.serve(data, at: "a")
    try await install(model)
    try expectInstalled()
    #expect(server.ranges(of: "a") == [nil, nil])
  }

  @Test func aWebPageIsNotInstalled() async throws {
    server.serve(Data("<!DOCTYPE html><html>Not found</html>".utf8), at: "a")
    server.serve(data, at: "b")
    let pages = model(["a"], digest: .unknown, hasSize: false)
    let error = await #expect(throws: ModelsError.self) { try await install(pages) }
    #expect("\(error!)".contains("not a readable network"))
    #expect(files().isEmpty)
    try await install(model(["a", "b"], digest: .unknown, hasSize: false))
    try expectInstalled()
    let file = try ModelFile(path: try #require(installed.path(of: "test")))
    #expect(file.metadata["impasto.source"] == Self.fileName)
    #expect(file.metadata["impasto.source-sha256"] == digest)
  }

  @Test func anUnreachableServerIsALineThatSaysWhatToDo() async throws {
    let model = Model(
      "test", "", license: "",
      files: [
        PublishedFile(
          name: Self.fileName, addresses: ["http://127.0.0.1:9/vgg.pth"], size: nil,
          digest: .unknown, convention: InputConvention(.caffe))
      ])
    let error = await #expect(throws: ModelsError.self) { try await install(model) }
    guard case .unreachable(let named, let reasons)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(named.name == "test" && reasons == ["127.0.0.1: the server cannot be reached"])
    #expect("\(error!)".contains("test could not be downloaded (127.0.0.1: "))
    #expect(files().isEmpty)
  }

  @Test func filesAreInstalledUnderNames() throws {
    let installation = ModelInstallation(installed: installed, precision: .half)
    let path = VGGFiles.small.path("gatys.pth")
    #expect(try installation.install(file: path).name == "gatys")
    #expect(try installation.install(file: path, name: "vgg19").name == "vgg19")
    #expect(installed.names == ["gatys", "vgg19"])
    #expect(throws: ModelsError.self) { try installation.install(file: path, name: "vgg16-hed") }
    #expect(throws: ModelsError.self) { try installation.install(file: path, name: "../outside") }
    #expect(throws: NetworkError.self) {
      try installation.install(file: VGGFiles.small.path("caffe-legacy.pth"))
    }
    // A network of the catalog is found where it was installed.
    #expect(
      try ModelPlace(nameOrPath: "vgg19", installed: installed).path == installed.path(of: "vgg19"))
    #expect(throws: ModelsError.self) {
      try ModelPlace(nameOrPath: "vgg16", installed: installed)
    }
  }

  @Test func halfPrecisionChangesFeaturesLittle() throws {
    let name = try ModelInstallation(installed: installed, precision: .half)
      .install(file: VGGFiles.small.path("gatys.pth")).name
    let picture = try VGGFiles.small.expected("picture")
    func features(_ path: String) throws -> [[Float]] {
      let network = FeatureNetwork(weights: try VGGWeights(ModelFile(path: path)), pooling: .max)
      return try ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"].map { name in
        let layer = try network.architecture.layer(name)
        let maps = try FeatureMaps(
          of: Picture(pixels: picture), layer: layer, network: network)
        return (0..<maps.units).flatMap { unit in
          (0..<maps.height * maps.width).map {
            maps.value(unit: unit, x: $0 % maps.width, y: $0 / maps.width)
          }
        }
      }
    }
    let half = try features(try #require(installed.path(of: name)))
    let single = try features(VGGFiles.small.path("gatys.pth"))
    for (a, b) in zip(half, single) {
      #expect(relativeError(a, b) < 2e-3)
      #expect(a != b)
    }
  }
}
