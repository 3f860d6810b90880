import Foundation
import Impasto
import Testing

@Suite struct InstallationTests {
  private static let root = URL(fileURLWithPath: #filePath).appendingPathComponent("../../..")
    .standardized

  /// An installation like that of `make install`, used through a link, must not need the source
  /// tree.
  @Test func anInstallationWorksThroughALinkAndUsesItsOwnFiles() throws {
    let command = try Command()
    try command.makePicture("photo.png")
    let prefix = command.path("prefix")
    let install = try command.run(
      Self.root.appendingPathComponent("Scripts/install.sh").path, prefix,
      command.executable.deletingLastPathComponent().path, through: URL(fileURLWithPath: "/bin/sh"))
    #expect(install.status == 0, "\(install.errors)")
    let link = URL(fileURLWithPath: command.path("link"))
    try FileManager.default.createSymbolicLink(
      at: link, withDestinationURL: URL(fileURLWithPath: "\(prefix)/bin/impasto"))
    func transfer() throws -> Command.Outcome {
      try command.run(
        "transfer", "photo.png", "--style", "spring", "-o", "out.png", "--iterations", "1",
        "--quiet", through: link)
    }
    let run = try transfer()
    #expect(run.status == 0, "\(run.errors)")
    let onePass = try command.run(
      "stylize", "photo.png", "--style", "udnie", "-o", "out.png", through: link)
    #expect(onePass.status == 0, "\(onePass.errors)")
    let presets = try command.run("presets", through: link)
    #expect(presets.status == 0 && presets.output.contains("neural-style"))
    try FileManager.default.removeItem(
      atPath: "\(prefix)/share/impasto/models/\(Model.standard.name).safetensors")
    let broken = try transfer()
    #expect(broken.status == 1 && broken.lines.count == 1)
    #expect(
      broken.errors.contains("prefix/share/impasto/models/\(Model.standard.name).safetensors"))
  }
}
