import Foundation
import Impasto
import Testing

@Suite struct ResourcesTests {
  /// Creates a folder in the layout of `make install`, and a link to its executable.
  private func installation() throws -> (prefix: URL, link: URL) {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
      .resolvingSymlinksInPath()
    let prefix = root.appendingPathComponent("prefix")
    for folder in ["prefix/bin", "prefix/share/impasto/models", "elsewhere"] {
      try FileManager.default.createDirectory(
        at: root.appendingPathComponent(folder), withIntermediateDirectories: true)
    }
    let executable = prefix.appendingPathComponent("bin/impasto")
    try Data().write(to: executable)
    let link = root.appendingPathComponent("elsewhere/link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: executable)
    return (prefix, link)
  }

  @Test func foundBesideTheResolvedExecutable() throws {
    let (prefix, link) = try installation()
    let resources = try Resources.located(environment: [:], executable: link)
    #expect(
      resources.folder.standardizedFileURL.path
        == prefix.appendingPathComponent("share/impasto").path)
    #expect(resources.path(of: .vgg16HED).hasSuffix("share/impasto/models/vgg16-hed.safetensors"))
  }

  @Test func theEnvironmentComesFirstAndIsChecked() throws {
    let (prefix, _) = try installation()
    let folder = prefix.appendingPathComponent("share/impasto").path
    let resources = try Resources.located(
      environment: ["IMPASTO_RESOURCES": folder],
      executable: URL(fileURLWithPath: "/nowhere/impasto"))
    #expect(resources.folder.path == folder)
    #expect {
      try Resources.located(environment: ["IMPASTO_RESOURCES": "/nowhere"], executable: nil)
    } throws: { String(describing: $0).contains("IMPASTO_RESOURCES=/nowhere") }
  }

  @Test func missingEverywhereIsAnErrorThatSaysWhere() {
    #expect {
      try Resources.located(
        environment: [:], executable: URL(fileURLWithPath: "/nowhere/bin/impasto"))
    } throws: { String(describing: $0).contains("/nowhere/share/impasto") }
  }

  @Test func everyPaintingOfTheCatalogIsShipped() throws {
    let folder = URL(fileURLWithPath: #filePath)
      .appendingPathComponent("../../../Sources/NetworkStore/Resources").standardized
    let resources = try Resources.located(environment: ["IMPASTO_RESOURCES": folder.path])
    for painting in Painting.catalog {
      let picture = try PictureFile(painting.path(in: resources))
      #expect(picture.size.longestSide > 300, "\(painting.name)")
    }
    let files = try FileManager.default.contentsOfDirectory(
      atPath: folder.appendingPathComponent("styles").path)
    #expect(files.filter { $0.hasSuffix(".jpg") }.count == Painting.catalog.count)
  }
}
