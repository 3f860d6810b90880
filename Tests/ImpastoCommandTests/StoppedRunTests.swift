import Foundation
import Impasto
import Testing

/// Runs of the real binary that are killed, hung up, or lose their terminal.
@Suite(.serialized) struct StoppedRunTests {
  private let command: Command
  private let arguments = [
    "transfer", "photo.png", "--style", "painting.jpg", "--iterations", "60", "--size", "64",
    "--scales", "2", "--bit-depth", "16", "--checkpoint-every", "0",
  ]

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.jpg", width: 40, height: 60, seed: 2)
  }

  /// Runs a shell command that gets the binary as `$0`.
  private func shell(_ text: String) throws -> Command.Outcome {
    try command.run(
      "-c", text, command.executable.path, through: URL(fileURLWithPath: "/bin/bash"))
  }

  private func rows(_ log: String) -> Int {
    let text = (try? String(contentsOfFile: command.path(log), encoding: .utf8)) ?? ""
    return text.split(separator: "\n").count - 1
  }

  /// At several moments, in the first and the last scale, and beside the change between them.
  @Test func aKilledRunGivesTheSameBytes() throws {
    #expect(try command.start(arguments + ["-o", "whole.png", "--quiet"]).finish().status == 0)
    for iteration in [1, 9, 10, 11, 33, 55] {
      let running = try command.start(arguments + ["--run", "run"])
      while rows("run/losses.csv") < iteration || !command.exists("run/checkpoint.safetensors"),
        running.process.isRunning
      { usleep(1000) }
      kill(running.process.processIdentifier, SIGKILL)
      #expect(try running.finish().status == 128 + SIGKILL)
      #expect(!command.exists("run/result.png"))
      let resumed = try command.run("transfer", "--resume", "run", "--quiet")
      #expect(resumed.status == 0 && resumed.errors.isEmpty, "\(resumed.errors)")
      #expect(try command.bytes("run/result.png") == command.bytes("whole.png"), "at \(iteration)")
      #expect(rows("run/losses.csv") == 60)
      let left = try FileManager.default.contentsOfDirectory(atPath: command.path("run"))
      #expect(!left.contains("checkpoint.safetensors") && !left.contains(".lock"), "\(left)")
      try FileManager.default.removeItem(atPath: command.path("run"))
    }
  }

  /// The checkpoint of a run without a record lies beside its output.
  @Test func aRunContinuesFromItsOutput() throws {
    let running = try command.start(arguments + ["-o", "out.png"])
    while !command.exists("out.png.checkpoint"), running.process.isRunning { usleep(1000) }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.finish()
    let mixed = try command.run("transfer", "--resume", "out.png", "--style", "spring")
    #expect(mixed.status == 64 && mixed.lines.count == 1 && mixed.errors.contains("--resume"))
    let resumed = try command.run("transfer", "--resume", "out.png", "--threads", "1")
    #expect(resumed.status == 0 && resumed.errors.contains("Continuing after iteration"))
    #expect(try command.files() == ["out.png", "painting.jpg", "photo.png"])
    let again = try command.run("transfer", "--resume", "out.png")
    #expect(again.status == 1 && again.lines.count == 1 && again.errors.contains("has ended"))
  }

  @Test func aRunInUseIsRefused() throws {
    let running = try command.start(arguments + ["--run", "run"])
    while rows("run/losses.csv") < 2, running.process.isRunning { usleep(1000) }
    let second = try command.run("transfer", "--resume", "run")
    #expect(second.status == 1 && second.lines.last?.contains("another process") == true)
    #expect(try running.finish().status == 0)
    #expect(command.exists("run/result.png"))
  }

  /// Progress that cannot be written costs nothing.
  @Test(arguments: ["2>&-", "2>/dev/full", "2>&1 | true", "2>/dev/null >&- <&-"])
  func aLostTerminalCostsNothing(redirection: String) throws {
    let transfer = "transfer photo.png --style painting.jpg --iterations 3 -o out.png"
    let run = try shell("set -o pipefail; \"$0\" \(transfer) \(redirection)")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try shell("\"$0\" \(transfer.replacing("out", with: "other"))").status == 0)
    #expect(try command.bytes("out.png") == command.bytes("other.png"))
  }

  /// A hung-up run is told twice: by the kernel and by the shell.
  @Test func aHungUpRunKeepsItsPicture() throws {
    let running = try command.start(
      arguments + ["--iterations", "1000000", "-o", "out.png", "--run", "run"])
    while rows("run/losses.csv") < 2, running.process.isRunning { usleep(1000) }
    for _ in 0..<2 { kill(running.process.processIdentifier, SIGHUP) }
    let run = try running.finish()
    #expect(run.status == 129 && run.errors.contains("--resume run"), "\(run.errors)")
    #expect(try Picture(contentsOf: command.path("out.png")).size.longestSide == 64)
    #expect(command.exists("run/checkpoint.safetensors"))
  }

  @Test func nohupIsKept() throws {
    let run = try shell(
      "nohup \"$0\" transfer photo.png --style painting.jpg --iterations 40 --size 96 -o out.png "
        + "--run run & while [ ! -e run/losses.csv ]; do sleep 0.01; done; kill -HUP $!; wait $!")
    #expect(run.status == 0 && command.exists("out.png"), "\(run.errors)")
  }

  /// What cannot be printed is an error.
  @Test(arguments: ["styles", "--help", "--version", "models list", "presets gatys"])
  func aFullStandardOutputIsAnError(arguments: String) throws {
    let run = try shell("\"$0\" \(arguments) > /dev/full")
    #expect(run.status == 1 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.hasPrefix("impasto: standard output: cannot be written"))
    // A reader that has seen enough is none.
    let left = try shell("\"$0\" \(arguments) | true")
    #expect(left.errors.isEmpty, "\(left.errors)")
  }

  @Test func aLostSideOutputIsReportedAtTheEnd() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("frames"), withIntermediateDirectories: false)
    let running = try command.start(
      arguments + ["-o", "out.png", "--save-every", "1", "--frames", "frames", "--quiet"])
    while !command.exists("frames/frame_00001.png"), running.process.isRunning { usleep(1000) }
    try FileManager.default.moveItem(atPath: command.path("frames"), toPath: command.path("moved"))
    let run = try running.finish()
    #expect(run.status == 1 && run.lines.count == 1 && run.errors.contains("frames/frame_"))
    #expect(try Picture(contentsOf: command.path("out.png")).size.longestSide == 64)
    let again = try command.start(
      arguments + ["-o", "out.png", "--save-every", "1", "--frames", "moved"]
    ).finish()
    #expect(again.status != 0 && again.lines.count == 1 && again.errors.contains("has frames"))
  }

  /// Neither its recipe nor any other file that it reads.
  @Test func aResultNeverReplacesAnInput() throws {
    let start = ["transfer", "photo.png", "--style", "painting.jpg", "--iterations", "1"]
    #expect(try command.start(start + ["-o", "recipe.png"]).finish().status == 0)
    let before = try command.bytes("recipe.png")
    for arguments in [
      ["transfer", "--recipe", "recipe.png", "-o", "recipe.png"],
      start + ["--init", "recipe.png", "-o", "recipe.png"],
      start + ["--protect", "recipe.png", "-o", "recipe.png"],
      start + ["--mask", "recipe.png:", "-o", "recipe.png"],
      ["animate", ".", "-o", "recipe.webp"],
    ] {
      try command.makePicture("recipe.webp")
      let run = try command.start(arguments).finish()
      #expect(run.status != 0 && run.lines.count == 1, "\(arguments) \(run.errors)")
      #expect(run.errors.contains("would be overwritten"), "\(arguments) \(run.errors)")
      #expect(try command.bytes("recipe.png") == before)
    }
  }

  /// More threads than processors are of no use, and too few that the system allows are an error.
  @Test func threadsAreLimited() throws {
    let transfer = "transfer photo.png --style painting.jpg --iterations 1 -o out.png"
    let many = try shell("\"$0\" \(transfer) --threads 1000")
    #expect(many.status == 0 && many.errors.contains("--threads 1000: using"))
    // The limit on address space leaves no place for stacks; the limit on processes does not hold
    // for root.
    let few = try shell("ulimit -v 200000; \"$0\" \(transfer)")
    #expect(few.status != 0 && few.lines.count == 1 && !command.exists("few.png"), "\(few.errors)")
  }
}
