import Engine
import Files
import Foundation
import Impasto
import Runs
import TestSupport
import Testing

@Suite struct RecipeTests {
  private func file(_ text: String) throws -> RecipeFile {
    try RecipeFile(text: text, path: "a.toml")
  }

  /// Reads and writes each setting by itself.
  @Test(arguments: [
    "content = \"a b\\\"c\\\\d.jpg\"", "style = [\"x\", \"ü\\n.png\"]", "style = []",
    "size = 512", "size = \"original\"", "size = \"640x480\"", "style-size = 7",
    "style-scale = [0.1]", "content-weight = 2.5e-08", "style-weight = 1000", "tv-weight = 1e+30",
    "normalization = \"neural-style\"", "style-layers = \"conv1_1:2,11\"",
    "content-layers = \"conv4_2:pre\"", "model = \"x.safetensors\"", "pooling = \"max\"",
    "padding = \"reflect\"", "precision = \"fast\"", "style-loss = \"wasserstein\"",
    "optimizer = \"gradient-descent\"",
    "quality = \"best\"",
    "iterations = 9", "scales = 2", "margin = 0", "init = \"style\"",
    "seed = 9223372036854775807", "color = \"pca\"", "jpeg-quality = 1", "bit-depth = 16",
    "protect = \"mask.png\"",
  ])
  func settingsComeBack(line: String) throws {
    let text = "recipe-version = 2\n\(line)\n"
    let recipe = try file(text).recipe
    #expect(recipe.values.count == 2)
    #expect(recipe.text() == text)
    #expect(try file(recipe.text()).recipe == recipe)
  }

  @Test func settingsThatNeedOthersComeBack() throws {
    let text = """
      recipe-version = 2
      style = ["a", "b"]
      style-blend = [3, 0.5]
      mask = ["x.png:y.png", ":z.png"]
      optimizer = "adam"
      learning-rate = 0.05
      init = "blend"
      noise-ratio = 0.25

      """
    let recipe = try file(text).recipe
    #expect(recipe.text() == text)
    #expect(recipe.styleBlend == [3, 0.5] && recipe.noiseRatio == 0.25)
  }

  /// A recipe without a version is one of Impasto 0.1, and keeps its defaults.
  @Test func recipesWithoutAVersionHaveTheFirstDefaults() throws {
    let first = try file("content = \"a.png\"\nstyle = [\"b.png\"]").recipe
    #expect(first.version == 1)
    let filled = first.filled()
    #expect(filled.model == "vgg16-hed" && filled.normalization == .perPosition)
    #expect(filled.styleLayers == "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1")
    #expect(filled.contentLayers == "conv4_2" && filled.styleLoss == .gram)
    #expect(filled.contentWeight == 1 && filled.styleWeight == 1000 && filled.tvWeight == 10_000)
    #expect(first.networkNote?.contains("vgg16-hed") == true)
    // Options on top do not change the version.
    var own = Recipe()
    own.styleWeight = 5
    #expect(first.overridden(by: own).filled().model == "vgg16-hed")
    let second = try file("recipe-version = 2\nseed = 1").recipe.filled()
    #expect(second.model == Model.standard.name && second.normalization == .relative)
    #expect(Recipe().text() == "recipe-version = 2\n" && first.text().contains("version = 1"))
  }

  @Test(arguments: ["3", "0", "-1"])
  func unknownVersionsAreErrors(version: String) {
    let error = #expect(throws: RecipeFileError.self) { try file("recipe-version = \(version)") }
    #expect(error?.description.contains("newer Impasto") == true)
  }

  /// Layers that the default network lacks select the shipped one that has them.
  @Test func layersSelectTheNetwork() {
    func recipe(_ style: String?, _ content: String?) -> Recipe {
      var recipe = Recipe()
      (recipe.styleLayers, recipe.contentLayers) = (style, content)
      return recipe
    }
    let standard = Model.standard.name
    for (style, content, model) in [
      (nil, nil, standard), ("conv3_4:2,conv4_1:pre", nil, standard), (nil, "conv4_2", "vgg16-hed"),
      ("conv5_1", "conv4_1", "vgg16-hed"),
      // Neither has conv4_4, and not both have the others; a mistake stays one of the default.
      (nil, "conv4_4", standard), ("conv5_1", "conv3_4", standard), ("conv1_1:x", nil, standard),
    ] {
      let recipe = recipe(style, content)
      #expect(recipe.networkConfiguration.source == model)
      #expect(recipe.filled().model == model)
      #expect((recipe.networkNote != nil) == (model != standard))
    }
    var named = recipe("conv5_1", nil)
    named.model = "x"
    #expect(named.networkConfiguration.source == "x" && named.networkNote == nil)
  }

  /// Far larger texts than recipes are refused, in files and in pictures.
  @Test func textsLargerThanRecipesAreErrors() throws {
    let text = "seed = 1\n#" + String(repeating: "x", count: 300_000)
    #expect(throws: RecipeFileError.self) { try file(text) }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let recipe = folder.appendingPathComponent("a.toml").path
    try Data(text.utf8).write(to: URL(fileURLWithPath: recipe))
    let picture = folder.appendingPathComponent("a.png").path
    let pixels = Tensor(shape: [1, 1, 3], elements: [0, 0, 0])
    try Picture(pixels: pixels).write(
      to: picture, PictureEncoding(format: .png, xmp: RecipeMetadata.packet(text)))
    for path in [recipe, picture] {
      let error = #expect(throws: RecipeFileError.self) { try RecipeFile(path: path) }
      #expect(
        error?.description == "\(path): it is too large for a recipe; the most is 256 KiB.")
    }
  }

  /// The largest recipes of many keys, tables and nested lists are read; every place is known.
  @Test func readingIsLinear() throws {
    let keys = (0..<15_000).map { "k\($0) = 1" }.joined(separator: "\n")
    let digests = try file("[made-with]\nimpasto = \"1\"\n[sha256]\n\(keys)").provenance?.digests
    #expect(digests?.count == 15_000 && digests?.last?.key == "k14999")
    let tables = String(repeating: "[[case]]\nseed = 1\n", count: 10_000)
    #expect(try file(tables).grid?.cells.count == 10_000)
    let error = #expect(throws: RecipeFileError.self) { try file("\(tables)sede = 1") }
    #expect(error?.line == 20_001 && error?.column == 1)
  }

  @Test func oneValueIsAListOfOne() throws {
    #expect(try file("style = \"great-wave\"").recipe.style == ["great-wave"])
    #expect(try file("style-weight = 7").recipe.styleWeight == 7)
  }

  /// Errors in a file are reported with line and column.
  @Test(arguments: [
    ("size = 512\nstile-weight = 3", 2, 1, "stile-weight"),
    ("# a comment\n  iterations = \"many\"", 2, 3, "whole number"),
    ("size = 1\nsize = 2", 2, 8, "size"),
    ("style = [", 1, 10, "a.toml"),
    ("seed = 9223372036854775808", 1, 27, "64"),
    ("iterations = 1.5", 1, 1, "whole number"),
    ("pooling = \"median\"", 1, 1, "avg"),
    ("style = [1, 2]", 1, 1, "text"),
    ("content = 2020-01-01", 1, 1, "content"),
    ("size = \"12x\"", 1, 1, "WIDTHxHEIGHT"),
    ("preset = \"unheard-of\"", 1, 1, "gatys"),
    ("size = 3\n[swep]\nseed = [1]", 2, 1, "swep"),
    ("size = 3\n[sweep]\nseed = [1]\nsede = [2]", 4, 1, "sede"),
    ("[sweep]\nseed = 3", 2, 1, "list"),
    ("[sweep]\nseed = [1, \"x\"]", 2, 1, "whole number"),
    ("[[cases]]\nseed = 3", 1, 1, "cases"),
    ("[[case]]\nsize = 3\n[[case]]\nsede = 3", 4, 1, "sede"),
  ])
  func mistakesAreReportedWithTheirPlace(text: String, line: Int, column: Int, says: String) {
    let error = #expect(throws: RecipeFileError.self) { try file(text) }
    #expect(error?.line == line && error?.column == column, "\(String(describing: error))")
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    #expect(error?.description.hasPrefix("a.toml, line \(line), column \(column): ") == true)
  }

  @Test(arguments: [
    ("content-weight = -1", "content-weight"), ("style-weight = nan", "style-weight"),
    ("tv-weight = inf", "tv-weight"), ("margin = 1001", "1000"), ("iterations = 0", "iterations"),
    ("seed = -1", "seed"), ("bit-depth = 12", "bit-depth"), ("noise-ratio = 0.5", "blend"),
    ("learning-rate = 1", "lbfgs"), ("style-size = 9\nstyle-scale = 1", "style-scale"),
    ("quality = \"best\"\niterations = 3", "quality"), ("scales = 200", "180"),
    ("content = \"a\"\nsize = \"3x4\"", "shape"), ("style = \"a\"\nstyle-blend = [1, 2]", "styles"),
    ("style = \"a\"\nmask = \":\"", "mask"), ("style = [\"a\", \"b\"]\nmask = \"c\"", "masks"),
    ("style-blend = [1]", "styles"), ("optimizer = \"adam\"\nlearning-rate = 0", "learning-rate"),
    ("content-weight = 0\nstyle-weight = 0\ntv-weight = 0", "all 0"),
  ])
  func invalidSettingsAreErrors(text: String, says: String) {
    let error = #expect(throws: RecipeFileError.self) { try file(text) }
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  @Test func anotherRecipesSettingsReplaceOnes() throws {
    let base = try file(
      """
      style = ["a", "b"]
      style-blend = [1, 2]
      quality = "best"
      style-scale = 2
      optimizer = "adam"
      learning-rate = 0.1
      size = 100
      """
    ).recipe
    let other = try file(
      "style = \"c\"\niterations = 5\nstyle-size = 64\noptimizer = \"lbfgs\""
    ).recipe
    let merged = base.overridden(by: other)
    #expect(
      merged.text()
        == "recipe-version = 1\nstyle = [\"c\"]\nsize = 100\nstyle-size = 64\noptimizer = \"lbfgs\"\niterations = 5\n"
    )
    #expect(base.overridden(by: Recipe()) == base && Recipe().overridden(by: base) == base)
  }

  @Test func aGridHasEveryCombination() throws {
    let grid = try #require(
      try file(
        """
        size = 64
        [sweep]
        style-weight = [1, 10, 100]
        style = ["a", ["b", "c"]]
        [[case]]
        content = "x"
        [[case]]
        content = "y"
        """
      ).grid)
    #expect(grid.cells.count == 12 && grid.columns == 2)
    #expect(grid.cells[0].label == "content=x style-weight=1 style=a")
    #expect(grid.cells[1].recipe.style == ["b", "c"])
    #expect(grid.cells[11].label == "content=y style-weight=100 style=b,c")
    #expect(try file("size = 64").grid == nil)
  }

  @Test func presetsAreAnAxis() throws {
    let grid = try #require(
      try file("[sweep]\npreset = [\"gatys\", \"coursera\"]\niterations = [7]").grid)
    #expect(
      grid.cells.map(\.label) == ["preset=gatys iterations=7", "preset=coursera iterations=7"])
    #expect(grid.cells.map(\.recipe.normalization) == [.paper, .coursera])
    #expect(grid.cells.allSatisfy { $0.recipe.iterations == 7 && $0.recipe.quality == nil })
  }

  @Test func aGridThatIsTooLargeIsAnError() {
    let list = "[" + (0..<200).map(String.init).joined(separator: ",") + "]"
    #expect(throws: RecipeFileError.self) {
      try file("[sweep]\nseed = \(list)\niterations = \(list)")
    }
  }

  @Test(arguments: [
    "\u{0}", "=", "[", "[[", "\"", "a.b.c = 1", "style = {a = 1}", "[sweep]\nseed = [[1]]",
    "[ }", "[[[", "[a.[", "a = [ }", "a = [\n}", "a = 2020-01-01Té", "[:", "[]", "[[]]", "a = \"\\",
    "[style]",
    String(repeating: "[", count: 100_000), "a = " + String(repeating: "[", count: 100_000),
    "'''", "\u{FEFF}size = 3\u{0}",
  ])
  func hostileTextIsAnError(text: String) {
    #expect(throws: RecipeFileError.self) { try file(text) }
  }

  /// The TOML library must not end the process by an assertion.
  @Test func randomTextIsReadOrRefused() {
    let parts = [
      "[", "]", "[[", "]]", "a", "size", ".", "=", "\"", "'", "\"\"\"", "'''", "1", "-", "0x",
      "inf",
      "{", "}", ",", "\n", " ", "#", "2020-01-01", "T", "12:00:00", "e", "_", "\\", "é", "\r\n",
      "[sweep]\n", "size = 1\n", "[[case]]\n", "\u{1}", ":", "true", "[1, ", "seed = [",
    ]
    var random = SmallRandom(9)
    var read = 0
    for _ in 0..<20_000 {
      let text = (0...Int.random(in: 0..<9, using: &random)).map { _ in
        parts.randomElement(using: &random)!
      }.joined()
      do {
        _ = try file(text)
        read += 1
      } catch {
        #expect(error is RecipeFileError, "\(text)")
      }
    }
    #expect(read > 100)
  }

  @Test func everyPresetIsWhole() throws {
    let presets = try Preset.all()
    #expect(
      ["gatys", "neural-style", "pytorch-tutorial", "coursera", "d2l"].allSatisfy {
        presets.map(\.name).contains($0)
      })
    for preset in presets {
      #expect(!preset.source.isEmpty)
      #expect(preset.recipe.styleLayers != nil && preset.recipe.optimizer != nil)
      #expect(preset.recipe.styleWeight != nil && preset.recipe.iterations != nil)
      #expect(preset.recipe.pooling != nil && preset.recipe.start != nil)
      for list in [preset.recipe.styleLayers!, preset.recipe.contentLayers!] {
        _ = try LayerWeights(parsing: list, architecture: .vgg19)
      }
    }
  }

  /// The presets' layers are those of torchvision's numbers for VGG-19.
  @Test(arguments: [
    ("d2l", "0,5,10,19,28", "25"), ("second-convolutions", "2,7,12,21,30", "22,25"),
  ])
  func presetsNameTorchvisionsLayers(name: String, style: String, content: String) throws {
    let recipe = try Preset.named(name).recipe
    for (list, numbers) in [(recipe.styleLayers!, style), (recipe.contentLayers!, content)] {
      let named = try LayerWeights(parsing: list, architecture: .vgg19).shares
      let numbered = try LayerWeights(parsing: numbers, architecture: .vgg19).shares
      #expect(named == numbered)
    }
  }
}
