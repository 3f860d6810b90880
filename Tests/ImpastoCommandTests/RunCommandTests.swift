import Foundation
import Impasto
import Testing

/// Runs records, recipes and sweeps with the real binary.
@Suite(.serialized) struct RunCommandTests {
  private let command: Command
  private static let tensorboard = URL(fileURLWithPath: #filePath).appendingPathComponent(
    "../../../.venv/tensorboard/bin/python"
  ).standardized

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.jpg", width: 40, height: 60, seed: 2)
  }

  private func transfer(_ options: String...) throws -> Command.Outcome {
    try command.start(
      ["transfer", "photo.png", "--style", "painting.jpg", "--iterations", "6"] + options
    ).finish()
  }

  @Test func aRunLeavesItsRecord() throws {
    let run = try transfer("--run", "run", "-o", "out.jpg", "--scales", "2", "--quiet")
    #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
    let files = try FileManager.default.contentsOfDirectory(atPath: command.path("run")).sorted()
    #expect(
      files.filter { !$0.hasPrefix("events.out.tfevents.") } == [
        "animation.webp", "frames", "losses.csv", "recipe.toml", "report.html", "result.png",
      ])
    #expect(files.count == 7)
    let losses = try String(contentsOfFile: command.path("run/losses.csv"), encoding: .utf8)
    #expect(losses.split(separator: "\n").count == 7)
    let report = try String(contentsOfFile: command.path("run/report.html"), encoding: .utf8)
    #expect(!report.contains("src=\"http") && !report.contains("href="))
    #expect(report.components(separatedBy: "data:image/jpeg;base64,").count == 1 + 2 + 6)
    #expect(report.contains("<polyline") && report.contains("style-weight"))
    let again = try transfer("--run", "run", "--quiet")
    #expect(
      again.status != 0 && again.lines.count == 1 && again.errors.contains("run: already exists"))
    let list = try command.run("runs", "list", "./")
    #expect(list.output.contains("./run ") && list.output.contains("photo.png"))
    let show = try command.run("runs", "show", "run")
    #expect(show.output.contains("scales = 2") && show.output.contains("style relu4_1"))
    let animation = try command.run("animate", "run", "-o", "a.gif", "--seconds", "0.5")
    #expect(animation.status == 0 && command.exists("a.gif"))
  }

  /// The report of a texture has no photo for comparison.
  @Test func aTexturesReportShowsItAlone() throws {
    let run = try command.run(
      "texture", "painting.jpg", "--iterations", "2", "--run", "run", "--quiet")
    #expect(run.status == 0, "\(run.errors)")
    let report = try String(contentsOfFile: command.path("run/report.html"), encoding: .utf8)
    #expect(!report.contains("type=\"range\"") && report.contains("alt=\"The result\""))
    #expect(report.components(separatedBy: "data:image/jpeg;base64,").count == 1 + 1 + 2)
    let again = try command.run("transfer", "--recipe", "run/recipe.toml", "-o", "again.png")
    #expect(again.status == 0, "\(again.errors)")
    #expect(try command.bytes("again.png") == command.bytes("run/result.png"))
  }

  /// In every format, a result can be repeated from its own metadata and from a record.
  @Test(arguments: ["png", "jpg", "tiff"])
  func aResultRepeatsItself(format: String) throws {
    #expect(try transfer("-o", "out.\(format)", "--init", "noise", "--run", "run").status == 0)
    for recipe in ["out.\(format)", "run/recipe.toml"] {
      let again = try command.run(
        "transfer", "--recipe", recipe, "-o", "again.\(format)", "--threads", "1")
      #expect(again.status == 0, "\(again.errors)")
      #expect(try command.bytes("again.\(format)") == command.bytes("out.\(format)"))
    }
    let changed = try command.run(
      "transfer", "--recipe", "out.\(format)", "-o", "other.\(format)", "--seed", "5")
    #expect(changed.status == 0)
    #expect(try command.bytes("other.\(format)") != command.bytes("out.\(format)"))
    let plain = try transfer("-o", "plain.\(format)", "--init", "noise", "--no-metadata")
    #expect(plain.status == 0)
    #expect(
      try Picture(contentsOf: command.path("plain.\(format)"))
        == Picture(contentsOf: command.path("out.\(format)")))
    #expect(try command.run("transfer", "--recipe", "plain.\(format)", "-o", "x.png").status != 0)
  }

  @Test func aChangedInputIsNoticed() throws {
    #expect(try transfer("-o", "out.png").status == 0)
    try command.makePicture("photo.png", seed: 9)
    let run = try command.run("transfer", "--recipe", "out.png", "-o", "again.png", "--quiet")
    #expect(run.status != 0 && run.lines.count == 1 && run.errors.contains("photo.png"))
    #expect(!command.exists("again.png"))
    try command.makePicture("another.png", seed: 9)
    let other = try command.run(
      "transfer", "another.png", "--recipe", "out.png", "-o", "again.png", "--quiet")
    #expect(other.status == 0, "\(other.errors)")
  }

  @Test func anotherMachinesRecipeIsReported() throws {
    #expect(try transfer("-o", "out.png", "--run", "run").status == 0)
    let run = try command.run(
      "transfer", "--recipe", "run/recipe.toml", "-o", "again.png",
      environment: ["IMPASTO_KERNELS": "plain"])
    #expect(run.status == 0 && run.errors.contains("kernels plain instead of"), "\(run.errors)")
  }

  @Test func interruptionCompletesTheRecord() throws {
    let running = try command.start([
      "transfer", "photo.png", "--style", "painting.jpg", "--iterations", "1000000", "--size",
      "64", "--run", "run",
    ])
    while !command.exists("run/frames/000002.jpg"), running.process.isRunning { usleep(20_000) }
    kill(running.process.processIdentifier, SIGINT)
    let run = try running.finish()
    #expect(run.status == 130)
    #expect(command.exists("run/result.png") && command.exists("run/report.html"))
  }

  @Test func aFailureLeavesNoRecord() throws {
    let run = try transfer("--run", "run", "--style-weight", "1e308", "--quiet")
    #expect(run.status == 1 && run.lines.count == 1)
    #expect(!command.exists("run"))
  }

  /// The first step drives pixels to the ends of their range, where gradients overflow.
  @Test func divergenceCompletesTheRecord() throws {
    try command.write(Command.divergingRecipe, to: "diverging.toml")
    let run = try command.run(
      "transfer", "photo.png", "--recipe", "diverging.toml", "--run", "run", "--quiet")
    #expect(run.status == 1 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains("is in run/result.png"), "\(run.errors)")
    #expect(command.exists("run/result.png"))
    let report = try String(contentsOfFile: command.path("run/report.html"), encoding: .utf8)
    #expect(report.contains("failed: the loss is no longer finite"))
  }

  /// Each cell of a sweep uses the network of its own settings.
  @Test func aSweepOverPreprocessingGivesTheSingleRunsLosses() throws {
    let settings = "content = \"photo.png\"\nstyle = \"painting.jpg\"\nsize = 32\niterations = 2\n"
    try command.write(
      settings + "[sweep]\npreprocessing = [\"caffe\", \"torchvision\"]\n", to: "grid.toml")
    let sweep = try command.run("sweep", "grid.toml", "-o", "out", "--quiet")
    #expect(sweep.status == 0, "\(sweep.errors)")
    let table = try String(contentsOfFile: command.path("out/table.csv"), encoding: .utf8)
    let lines = table.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    let column = try #require(lines[0].firstIndex(of: "total"))
    let totals = lines.dropFirst().map { Double($0[column])! }
    #expect(totals.count == 2 && totals[0] != totals[1])
    for (name, total) in zip(["caffe", "torchvision"], totals) {
      try command.write(settings + "preprocessing = \"\(name)\"\n", to: "\(name).toml")
      let single = try command.run(
        "transfer", "--recipe", "\(name).toml", "-o", "\(name).png", "--json", "--quiet")
      #expect(single.status == 0, "\(single.errors)")
      let losses = try #require(single.json()["losses"] as? [String: Any])
      #expect(losses["total"] as? Double == total)
      let folder = "\(name == "caffe" ? 1 : 2)-preprocessing=\(name)"
      #expect(try command.bytes("\(name).png") == command.bytes("out/\(folder)/result.png"))
    }
  }

  /// A recipe of Impasto 0.1 has the bytes of its defaults written out.
  @Test(arguments: ["quality = \"draft\"", "iterations = 9", "optimizer = \"gradient-descent\""])
  func aRecipeWithoutAVersionKeepsItsBytes(line: String) throws {
    let steps = line.hasPrefix("o") ? "iterations = 3" : ""
    try command.write(
      "content = \"photo.png\"\nstyle = \"painting.jpg\"\nsize = 64\n\(line)\n\(steps)\n",
      to: "first.toml")
    let first = try command.run("transfer", "--recipe", "first.toml", "-o", "first.png")
    #expect(first.status == 0 && first.errors.contains("The network is vgg16-hed"))
    var options = [
      "--size", "64", "--model", "vgg16-hed", "--pooling", "avg", "--padding", "replicate",
      "--style-layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "--content-layers", "conv4_2",
      "--style-loss", "gram", "--normalization", "per-position", "--content-weight", "1",
      "--style-weight", "1000", "--tv-weight", "10000", "--init", "recolored", "--scales", "1",
    ]
    switch line.first {
    case "q": options += ["--iterations", "36"]
    case "i": options += ["--iterations", "9"]
    default:
      let pixels = try Picture(contentsOf: command.path("first.png")).pixels.elements.count / 3
      options += [
        "--optimizer", "gradient-descent", "--learning-rate", "\(2e-10 * Double(pixels))",
      ]
      options += ["--iterations", "3"]
    }
    let second = try command.start(
      ["transfer", "photo.png", "--style", "painting.jpg", "-o", "second.png"] + options
    ).finish()
    #expect(second.status == 0, "\(second.errors)")
    #expect(
      try Picture(contentsOf: command.path("first.png")).pixels
        == Picture(contentsOf: command.path("second.png")).pixels)
    // The result's recipe is one of the present version, and repeats it.
    #expect(try command.recipe(of: "first.png").hasPrefix("recipe-version = 2\n"))
    let again = try command.run("transfer", "--recipe", "first.png", "-o", "again.png")
    #expect(again.status == 0 && !again.errors.contains("The network is"))
    #expect(try command.bytes("again.png") == command.bytes("first.png"))
  }

  @Test func aSweepContinuesAfterAFailingCell() throws {
    try command.write(
      """
      recipe-version = 2
      content = "photo.png"
      style = "painting.jpg"
      iterations = 3

      [sweep]
      style-weight = [10, 1000]

      [[case]]
      content = "photo.png"
      [[case]]
      content = "painting.jpg"
      style = "photo.png"
      [[case]]
      content = "missing.png"

      """, to: "grid.toml")
    let run = try command.run("sweep", "grid.toml", "-o", "out")
    #expect(run.status == 1)
    #expect(run.lines.filter { $0.hasPrefix("impasto: ") && $0.contains("missing.png") }.count == 2)
    let folder = try FileManager.default.contentsOfDirectory(atPath: command.path("out")).sorted()
    #expect(folder.count == 4 + 3 && folder.suffix(3) == ["sheet.png", "sweep.toml", "table.csv"])
    // The bytes of a cell equal those of a single run.
    let cell = "out/4-content=painting.jpg_style=photo.png_style-weight=1000"
    let single = try command.run(
      "transfer", "painting.jpg", "--style", "photo.png", "--style-weight", "1000",
      "--iterations", "3", "-o", "single.png")
    #expect(single.status == 0)
    #expect(try command.bytes("single.png") == command.bytes("\(cell)/result.png"))
    let again = try command.run("sweep", "grid.toml", "-o", "out")
    #expect(again.lines.filter { $0.contains("was there") }.count == 4)
    let compared = try command.run("runs", "compare", "out", "--sheet", "compared.png")
    #expect(compared.status == 0 && compared.output.contains("style-weight"))
    #expect(command.exists("compared.png"))
  }

  /// Reads events with TensorBoard's own reader, if it is installed.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: tensorboard.path)))
  func tensorBoardReadsTheEvents() throws {
    #expect(try transfer("--run", "run", "--quiet").status == 0)
    try command.write(
      """
      import json, sys
      from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
      from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData
      events = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0})
      events.Reload()
      content = events.PluginTagToContent("hparams")
      start = HParamsPluginData.FromString(content["_hparams_/session_start_info"])
      print(json.dumps({
          "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()["scalars"]},
          "images": [[e.step, e.width, e.height, e.encoded_image_string[:3].hex()] for e in events.Images("picture")],
          "settings": {k: v.number_value or v.string_value for k, v in start.session_start_info.hparams.items()},
          "status": HParamsPluginData.FromString(content["_hparams_/session_end_info"]).session_end_info.status,
          "hparams": len(HParamsPluginData.FromString(content["_hparams_/experiment"]).experiment.hparam_infos),
      }))
      """, to: "read.py")
    let read = try command.run("read.py", "run", through: Self.tensorboard)
    let found = try read.json()
    let scalars = try #require(found["scalars"] as? [String: [[Double]]])
    #expect(scalars.keys.sorted().prefix(2) == ["content/relu4_1", "loss/content"])
    let totals = try #require(scalars["loss/total"])
    #expect(totals.map { $0[0] } == [1, 2, 3, 4, 5, 6])
    let lines = try String(contentsOfFile: command.path("run/losses.csv"), encoding: .utf8).split(
      separator: "\n")
    let last = Double(lines.last!.split(separator: ",")[4])!
    #expect(abs(totals[5][1] / last - 1) < 1e-6)
    let images = try #require(found["images"] as? [[Any]])
    #expect(images.count == 6 && images[0][1] as? Int == 48 && images[0][3] as? String == "ffd8ff")
    let settings = try #require(found["settings"] as? [String: Any])
    #expect(
      settings["style-weight"] as? Double == 100 && settings["optimizer"] as? String == "lbfgs")
    #expect(found["hparams"] as? Int == settings.count)
    // STATUS_SUCCESS.
    #expect(found["status"] as? Int == 1)
  }
}
