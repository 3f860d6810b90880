import Foundation
import Impasto
import Pictures
import TestSupport
import Testing

/// `impasto train` with small photos: its network, its checkpoints and its mistakes.
@Suite(.serialized) struct TrainCommandTests {
  private let command: Command
  private let settings = [
    "--style", "painting.png", "--photos", "photos", "--size", "32", "--batch", "2", "--steps", "9",
    "--base-channels", "4", "--style-size", "48",
  ]

  init() throws {
    command = try Command()
    try FileManager.default.createDirectory(
      atPath: command.path("photos/more"), withIntermediateDirectories: true)
    for (index, name) in ["a.png", "b.jpg", "more/c.png"].enumerated() {
      try command.makePicture("photos/\(name)", width: 60, height: 44, seed: UInt64(index))
    }
    try command.makePicture("painting.png", width: 70, height: 50, seed: 7)
  }

  private func train(_ options: String...) throws -> Command.Outcome {
    try command.start(["train"] + settings + options).finish()
  }

  @Test func theNetworkRepaintsPhotos() throws {
    try command.makePicture("photos/tiny.png", width: 20, height: 20)
    try command.write("text", to: "photos/broken.png")
    let run = try train("-o", "style.safetensors", "--json")
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Training with 3 photos"))
    #expect(
      run.errors.contains("broken.png") && run.errors.contains("1 photos with a side of less"))
    #expect(try run.json()["steps"] as? Int == 9)
    #expect(!command.exists("style.safetensors.checkpoint"))
    let result = try command.run(
      "stylize", "photos/b.jpg", "--style", "style.safetensors", "-o", "out.png")
    #expect(result.status == 0, "\(result.errors)")
    let plain = try Picture(contentsOf: command.path("out.png"))
    #expect(plain.size == PixelSize(width: 60, height: 44))
    // The network has the colors of its painting, for photos that are recolored first.
    let recolored = try command.run(
      "stylize", "photos/b.jpg", "--style", "style.safetensors", "--color-before", "pca", "-o",
      "recolored.png")
    #expect(recolored.status == 0, "\(recolored.errors)")
    #expect(try Picture(contentsOf: command.path("recolored.png")) != plain)
    let photo = try Picture(contentsOf: command.path("photos/b.jpg"))
    let painting = try Picture(contentsOf: command.path("painting.png"))
    try photo.recolored(like: painting, .pca).write(to: command.path("first.png"))
    let other = try command.run(
      "stylize", "first.png", "--style", "style.safetensors", "-o", "second.png")
    #expect(other.status == 0, "\(other.errors)")
    let (a, b) = try (
      Picture(contentsOf: command.path("recolored.png")).pixels.elements,
      Picture(contentsOf: command.path("second.png")).pixels.elements
    )
    #expect(zip(a, b).map { abs($0 - $1) }.max()! < 0.05)
  }

  @Test func aKilledTrainingGivesTheSameBytes() throws {
    #expect(try train("-o", "whole.safetensors", "--quiet", "--threads", "1").status == 0)
    let running = try command.start(
      ["train"] + settings + ["-o", "style.safetensors", "--checkpoint-every", "2"])
    while !command.exists("style.safetensors.checkpoint"), running.process.isRunning {
      usleep(1000)
    }
    kill(running.process.processIdentifier, SIGKILL)
    #expect(try running.finish().status == 128 + SIGKILL)
    #expect(!command.exists("style.safetensors"))
    let mixed = try command.run("train", "--resume", "style.safetensors", "--batch", "4")
    #expect(mixed.status == 64 && mixed.lines.count == 1 && mixed.errors.contains("--resume"))
    let resumed = try command.run("train", "--resume", "style.safetensors")
    #expect(resumed.status == 0 && resumed.errors.contains("after step"), "\(resumed.errors)")
    // The names of the files are the names of the styles.
    let (own, whole) = try (
      command.bytes("style.safetensors"), command.bytes("whole.safetensors")
    )
    #expect(own.suffix(1000) == whole.suffix(1000))
    #expect(own.count == whole.count)
    #expect(!command.exists("style.safetensors.checkpoint"))
    let again = try command.run("train", "--resume", "style.safetensors")
    #expect(again.status == 64 && again.lines.count == 1 && again.errors.contains("has ended"))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func aSignalLeavesACheckpoint(signal: Int32) throws {
    let running = try command.start(
      ["train"] + settings
        + ["-o", "style.safetensors", "--steps", "100000", "--checkpoint-every", "1"])
    while !command.exists("style.safetensors.checkpoint"), running.process.isRunning {
      usleep(1000)
    }
    kill(running.process.processIdentifier, signal)
    let run = try running.finish()
    #expect(run.status == 128 + signal)
    #expect(run.errors.contains("impasto train --resume style.safetensors continues"))
    #expect(command.exists("style.safetensors.checkpoint") && !command.exists("style.safetensors"))
    let anew = try train("-o", "style.safetensors")
    #expect(anew.status == 64 && anew.lines.count == 1 && anew.errors.contains("--resume"))
  }

  /// A network of two styles, to which a third one is added.
  @Test func stylesAreAdded() throws {
    try command.makePicture("other.png", width: 40, height: 48, seed: 8)
    try command.makePicture("third.png", width: 48, height: 40, seed: 9)
    let two = try train("--style", "other.png", "-o", "two.safetensors", "--epochs", "3", "--json")
    #expect(two.status == 64 && two.errors.contains("--epochs"))
    let options = settings.filter { !["--steps", "9"].contains($0) }
    let run = try command.start(
      ["train"] + options
        + ["--style", "other.png", "-o", "two.safetensors", "--epochs", "3", "--json"]
    ).finish()
    #expect(run.status == 0, "\(run.errors)")
    // Three passes over three photos, two in a step.
    #expect(try run.json()["steps"] as? Int == 5)
    let added = try command.run(
      "train", "--from", "two.safetensors", "--add-style", "--style", "third.png", "--photos",
      "photos", "-o", "three.safetensors", "--size", "32", "--batch", "2", "--steps", "3",
      "--style-size", "48")
    #expect(added.status == 0, "\(added.errors)")
    let twice = try command.run(
      "train", "--from", "two.safetensors", "--add-style", "--style", "other.png", "--photos",
      "photos", "-o", "four.safetensors", "--size", "32")
    #expect(twice.status == 64 && twice.errors.contains("another style is named other"))
    func paint(_ style: String, _ output: String, _ options: String...) throws -> Data {
      let run = try command.start(
        ["stylize", "photos/b.jpg", "--style", style, "-o", output, "--no-metadata"] + options
      ).finish()
      #expect(run.status == 0, "\(run.errors)")
      return try command.bytes(output)
    }
    let before = try paint("two.safetensors:other", "a.png")
    #expect(try paint("three.safetensors:other", "b.png") == before)
    #expect(try paint("three.safetensors:third", "c.png") != before)
    // The colors of all three paintings are known.
    for name in ["painting", "other", "third"] {
      _ = try paint("three.safetensors:\(name)", "d.png", "--color-before", "pca")
    }
  }

  @Test func mistakesGetOneLine() throws {
    try command.write("mine", to: "there.safetensors")
    let mistakes: [(options: [String], text: String)] = [
      (["--photos", "none", "-o", "a.safetensors"], "--photos none: is not a folder"),
      (["--photos", "painting.png", "-o", "a.safetensors"], "--photos painting.png: is not"),
      (["--size", "200", "-o", "a.safetensors"], "--photos photos: has 0 photos"),
      (["--style", "photos/none.png", "-o", "a.safetensors"], "--style photos/none.png"),
      (["--style", "blue-strokes", "-o", "a.safetensors"], "trained style, not a painting"),
      (["-o", "there.safetensors"], "--output there.safetensors: exists"),
      (["-o", "none/a.safetensors"], "none/a.safetensors"),
      (["--size", "33", "-o", "a.safetensors"], "--size 33: must be a multiple of 4"),
      (["--batch", "0", "-o", "a.safetensors"], "--batch 0: must be between 1 and 256"),
      (["--learning-rate", "0", "-o", "a.safetensors"], "--learning-rate 0.0: must be"),
      (["--style-layers", "conv9_1", "-o", "a.safetensors"], "conv9_1"),
      (["--model", "none", "-o", "a.safetensors"], "none"),
      (["--checkpoint-every", "0", "-o", "a.safetensors"], "--checkpoint-every 0: must be"),
      (["--add-style", "-o", "a.safetensors"], "--add-style: needs --from"),
      (["--from", "any-painting", "-o", "a.safetensors"], "--base-channels: is that of"),
      (["--style", "painting.png", "-o", "a.safetensors"], "another style is named painting"),
      (["--learning-rate", "1e30", "-o", "a.safetensors"], "no longer finite"),
    ]
    let before = try command.files()
    for (options, text) in mistakes {
      let run = try command.start(["train", "--quiet"] + settings + options).finish()
      #expect(run.status != 0 && run.lines.count == 1, "\(options): \(run.errors)")
      #expect(run.errors.contains(text), "\(options): \(run.errors)")
    }
    #expect(try command.files() == before)
    #expect(try command.bytes("there.safetensors") == Data("mine".utf8))
    #expect(try train("-o", "there.safetensors", "--force", "--quiet").status == 0)
    let missing = try command.run("train", "--photos", "photos")
    #expect(missing.status == 64 && missing.errors.contains("--style, --output"))
  }

  @Test func aRecordShowsTheTraining() throws {
    for index in 3..<43 {
      try command.makePicture("photos/\(index).png", width: 34, height: 33, seed: UInt64(index))
    }
    let whole = ["-o", "style.safetensors", "--run", "record", "--preview-every", "4"]
    let running = try command.start(
      ["train"] + settings + whole + ["--steps", "30", "--checkpoint-every", "5"])
    while !command.exists("style.safetensors.checkpoint"), running.process.isRunning {
      usleep(1000)
    }
    kill(running.process.processIdentifier, SIGKILL)
    _ = try running.finish()
    let resumed = try command.run("train", "--resume", "style.safetensors", "--quiet")
    #expect(resumed.status == 0 && resumed.errors.isEmpty, "\(resumed.errors)")
    func table(_ name: String) throws -> [[String]] {
      String(decoding: try command.bytes("record/\(name)"), as: UTF8.self).split(separator: "\n")
        .map { $0.split(separator: ",").map(String.init) }
    }
    let rows = try table("losses.csv")
    #expect(rows[0].starts(with: ["step", "seconds", "total", "content", "style", "tv"]))
    #expect(rows.dropFirst().map { $0[0] } == (1...30).map(String.init))
    // Four of the 43 photos are held back, so an epoch takes 20 steps.
    #expect(try table("epochs.csv").dropFirst().map { $0[0] } == ["1"])
    let previews = try FileManager.default.contentsOfDirectory(
      atPath: command.path("record/previews"))
    #expect(previews.contains("000004.jpg"))
    let sheet = try Picture(contentsOf: command.path("record/previews/000004.jpg"))
    #expect(sheet.width > 4 * 33 && sheet.height > 2 * 33)
    let page = String(decoding: try command.bytes("record/report.html"), as: UTF8.self)
    #expect(page.contains("step 30 of 30") && page.contains("<polyline"))
    #expect(page.contains("content × weight") && page.contains("after 4<"))
    #expect(!page.contains("{{"))
    let all = try Picture(contentsOf: command.path("record/previews.jpg"))
    #expect(all.width > sheet.width && all.height > sheet.height)
    let events = try FileManager.default.contentsOfDirectory(atPath: command.path("record"))
    #expect(events.count { $0.hasPrefix("events.out.tfevents") } >= 1)
  }

  /// The table compares the photo, the network's result and the optimization's by one objective.
  @Test func evaluationComparesWithTheOptimization() throws {
    #expect(try train("-o", "style.safetensors", "--quiet").status == 0)
    let base = [
      "evaluate", "photos/a.png", "photos/b.jpg", "--style", "style.safetensors", "--size", "48",
      "--evaluations", "20",
    ]
    let run = try command.start(
      base + ["--painting", "painting.png", "--json", "--csv", "table.csv", "--quiet"]
    ).finish()
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let rows = try #require(
      JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[String: Any]])
    #expect(rows.map { $0["photo"] as? String } == ["photos/a.png", "photos/b.jpg", "mean"])
    for row in rows {
      let values = row.compactMapValues { $0 as? Double }
      // The optimization starts from the photo.
      #expect(values["optimized_total"]! < 0.9 * values["photo_total"]!)
      let ratio = values["total"]! / values["optimized_total"]!
      #expect(abs(values["ratio"]! - ratio) < 1e-9 * ratio)
    }
    let totals = rows.map { $0["total"] as! Double }
    #expect(abs((totals[0] + totals[1]) / 2 - totals[2]) < 1e-6 * totals[2])
    let table = String(decoding: try command.bytes("table.csv"), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 4)
    for (options, text) in [
      ([], "--painting: is missing"), (["--painting", "none.png"], "--painting none.png"),
      (["--painting", "painting.png", "--style", "spring"], "is a painting"),
      (["--painting", "painting.png", "--style", "shards"], "has no settings of a training"),
      (["--painting", "painting.png", "--csv", "photos/a.png"], "--csv"),
    ] {
      let run = try command.start(base + options).finish()
      #expect(run.status != 0 && run.lines.count == 1, "\(options): \(run.errors)")
      #expect(run.errors.contains(text), "\(options): \(run.errors)")
    }
  }

  #if MPI
  private static let mpirun = URL(fileURLWithPath: "/usr/bin/mpirun")
  private static let hasMPI = FileManager.default.isExecutableFile(atPath: mpirun.path)

  private func share(_ processes: Int, _ options: [String]) throws -> Command.Running {
    try command.start(
      [
        "--allow-run-as-root", "--oversubscribe", "--bind-to", "none",
        // Containers may forbid copies between processes.
        "--mca", "btl_vader_single_copy_mechanism", "none", "-np", "\(processes)",
        command.executable.path, "train",
      ] + settings + options, through: Self.mpirun)
  }

  /// Processes share the samples of a batch, and neither their number nor the odd one out change a
  /// bit.
  @Test(.enabled(if: hasMPI), arguments: [2, 3])
  func severalProcessesGiveTheSameBytes(count: Int) throws {
    let options = ["--batch", "3", "--threads", "1", "--quiet", "--force"]
    #expect(try train("-o", "style.safetensors", "--batch", "3", "--quiet").status == 0)
    let alone = try command.bytes("style.safetensors")
    let run = try share(count, ["-o", "style.safetensors"] + options).finish()
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    #expect(try command.bytes("style.safetensors") == alone)
  }

  /// A process that dies ends the training with one line of ours, and the checkpoint continues.
  @Test(.enabled(if: hasMPI)) func aDeadProcessLeavesTheCheckpoint() throws {
    let running = try share(
      2, ["-o", "style.safetensors", "--steps", "150", "--checkpoint-every", "2"])
    while !command.exists("style.safetensors.checkpoint"), running.process.isRunning {
      usleep(1000)
    }
    let children = Process()
    children.executableURL = URL(fileURLWithPath: "/usr/bin/pkill")
    children.arguments = [
      "-KILL", "-n", "-P", "\(running.process.processIdentifier)",
    ]
    try children.run()
    children.waitUntilExit()
    let run = try running.finish()
    #expect(run.status != 0)
    #expect(
      run.errors.components(separatedBy: "impasto train --resume style.safetensors").count == 2,
      "\(run.errors)")
    #expect(!command.exists("style.safetensors"))
    let resumed = try command.run("train", "--resume", "style.safetensors", "--quiet")
    #expect(resumed.status == 0, "\(resumed.errors)")
  }

  @Test(.enabled(if: hasMPI)) func mistakesOfSeveralProcessesGetOneLine() throws {
    let run = try share(2, ["-o", "none/a.safetensors"]).finish()
    #expect(run.status != 0)
    #expect(
      run.errors.components(separatedBy: "none/a.safetensors").count == 2, "\(run.errors)")
  }
  #endif

  /// A checkpoint that cannot be written costs nothing but itself.
  @Test func aFullDiskStopsNothing() throws {
    let limited = try command.run(
      "-c",
      "ulimit -f 30; \"$0\" train \(settings.joined(separator: " ")) "
        + "-o style.safetensors --checkpoint-every 4", command.executable.path,
      through: URL(fileURLWithPath: "/bin/bash"))
    #expect(limited.errors.contains("The training goes on"), "\(limited.errors)")
  }
}
