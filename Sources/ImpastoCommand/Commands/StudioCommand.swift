import ArgumentParser
import Foundation
import Impasto
import NetworkStore

#if Studio
import Studio
#endif

struct StudioCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "studio",
    abstract: "Open the studio, a web application on this machine.",
    discussion: """
      impasto studio
      impasto studio --port 8000 --data ~/paintings

      The studio keeps its pictures and results in --data, and continues there at the next start. On an \
      address other than this machine's own, browsers need the printed link, which has a token.
      """)

  @Option(help: "The port.")
  var port = 7575

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(
    help: ArgumentHelp(
      "The folder of pictures, results and database (default: impasto/studio in the user's data folder).",
      valueName: "folder"))
  var data: String?

  @Option(help: "The token that browsers and scripts need (default: one is made for --host).")
  var token: String?

  @Option(
    help: ArgumentHelp(
      "The record of a training to watch. Repeat the option for several.", valueName: "folder"))
  var training: [String] = []

  @Flag(help: "Do not open a browser.")
  var noBrowser = false

  @OptionGroup var memory: MemoryOption
  @OptionGroup var threadOption: ThreadOption

  mutating func validate() throws {
    guard (1...65_535).contains(port) else {
      throw ValidationError("--port \(port): must be between 1 and 65535.")
    }
    if let token,
      token.count < 16 || !token.allSatisfy({ $0.isASCII && $0.isLetter || $0.isNumber })
    {
      throw ValidationError("--token: must be at least 16 letters and digits.")
    }
  }

  func run() async throws {
    #if Studio
    let server = try StudioServer(
      .init(
        data: data ?? DataFolder.url().appendingPathComponent("studio").path, host: host,
        port: port, token: token,
        memory: memory.memory?.bytes, threads: threadOption.threads, trainings: training),
      version: Release.version)
    let task = Task { [noBrowser] in
      try await server.run {
        Terminal.note("The studio is at \(server.link)")
        if !noBrowser { Browser.open(server.link) }
      }
    }
    let interruption = Interruption { task.cancel() }
    try await task.value
    if let status = interruption.exitStatus { throw ExitCode(status) }
    #else
    throw ValidationError(
      "The studio is not in this build of Impasto. make studio builds it, and starts it.")
    #endif
  }
}
