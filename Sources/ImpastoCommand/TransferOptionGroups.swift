import ArgumentParser
import Foundation
import Impasto

/// How large photo and painting are looked at.
struct SizeOptions: ParsableArguments {
  /// What --size says.
  enum Size: Equatable, ExpressibleByArgument {
    case original
    case longestSide(Int)

    init?(argument: String) {
      if argument == "original" {
        self = .original
      } else if let side = Int(argument), Validation.sides.contains(side) {
        self = .longestSide(side)
      } else {
        return nil
      }
    }
  }

  static let defaultSide = 512

  @Option(
    help: ArgumentHelp(
      "The longer side of the result in pixels, or original; by default at most \(defaultSide).",
      valueName: "pixels|original"))
  var size: Size?

  @Option(help: ArgumentHelp("The longer side of the painting in pixels.", valueName: "pixels"))
  var styleSize: Int?

  @Option(
    help: ArgumentHelp(
      "The painting's longer side as a multiple of the photo's (default: 1).", valueName: "factor"))
  var styleScale: Double?

  mutating func validate() throws {
    try Validation.side(styleSize, "--style-size")
    try Validation.positive(styleScale, "--style-scale")
    if styleSize != nil, styleScale != nil {
      throw ValidationError("--style-size and --style-scale: give one of them.")
    }
  }

  /// The size to work on a photo in.
  func size(of photo: PixelSize) -> PixelSize {
    switch size {
    case .original: photo
    case .longestSide(let side): photo.scaled(toLongestSide: side)
    case nil: photo.fitted(within: Self.defaultSide)
    }
  }

  var style: StyleSize {
    styleSize.map { .longestSide($0) } ?? .relative(styleScale ?? 1)
  }
}

/// What is minimised.
struct ObjectiveOptions: ParsableArguments {
  @Option(help: "The weight of the content loss.")
  var contentWeight = Objective.Weights.standard.content

  @Option(help: "The weight of the style loss.")
  var styleWeight = Objective.Weights.standard.style

  @Option(help: "The weight of the total variation, which smooths.")
  var tvWeight = Objective.Weights.standard.totalVariation

  @Option(
    help:
      "paper: sums as in the paper; per-position: means, whose balance does not shift with the picture's size."
  )
  var normalization = Normalization.perPosition

  mutating func validate() throws {
    try Validation.notNegative(contentWeight, "--content-weight")
    try Validation.notNegative(styleWeight, "--style-weight")
    try Validation.notNegative(tvWeight, "--tv-weight")
    if contentWeight == 0, styleWeight == 0, tvWeight == 0 {
      throw ValidationError(
        "--content-weight, --style-weight and --tv-weight are all 0: nothing is left to do.")
    }
  }

  var weights: Objective.Weights {
    .init(content: contentWeight, style: styleWeight, totalVariation: tvWeight)
  }
}

/// How it is minimised, and from where.
struct OptimizationOptions: ParsableArguments {
  enum Name: String, CaseIterable, ExpressibleByArgument {
    case lbfgs, adam
    case gradientDescent = "gradient-descent"
  }

  @Option(help: "The optimiser.")
  var optimizer = Name.lbfgs

  @Option(
    help:
      "How far to go: draft for a first look, standard, or best; standard and best end sooner where the loss hardly falls any more."
  )
  var quality: Quality?

  @Option(
    help: ArgumentHelp(
      "Exactly so many steps of the optimiser instead (standard takes at most \(Quality.standard.iterations)).",
      valueName: "steps"))
  var iterations: Int?

  @Option(
    help: ArgumentHelp(
      "Sizes to go through, from coarse to fine in steps of √2; 1 is the classic method (default: down to 256 pixels for lbfgs from the photo, else 1).",
      valueName: "number"))
  var scales: Int?

  @Option(
    help: ArgumentHelp(
      "Pixels of the photo's mirror image that are painted around it and cut off, so that no frame shows.",
      valueName: "pixels"))
  var margin = TransferOptions().margin

  @Option(
    help: ArgumentHelp(
      "The step size of adam (default: \(defaultAdamRate)) and gradient-descent (default: \(descentRatePerPixel) times the result's pixels).",
      valueName: "rate"))
  var learningRate: Double?

  @Option(
    help: ArgumentHelp(
      "The start: recolored (the photo, half of the way to the painting's colours), content (the photo), noise, blend, or a picture file.",
      valueName: "recolored|content|noise|blend|file")
  )
  var `init` = "recolored"

  @Option(
    help: ArgumentHelp(
      "How much of a blended start is noise, 0 to 1 (default: 0.6).", valueName: "ratio"))
  var noiseRatio: Double?

  @Option(help: "The seed of the noise, 0 to 2^63-1.")
  var seed = 0

  private static let defaultAdamRate = 0.02
  /// A pixel's share of the objective, and so its gradient, shrinks as the picture grows.
  private static let descentRatePerPixel = 2e-10

  mutating func validate() throws {
    try Validation.atLeast(1, iterations, "--iterations")
    try Validation.atLeast(1, scales, "--scales")
    try Validation.pixels(margin, TransferOptions.margins, "--margin")
    if iterations != nil, quality != nil {
      throw ValidationError("--quality and --iterations: give one of them.")
    }
    let most = iterations ?? (quality ?? .standard).iterations
    if let scales, scales > most {
      throw ValidationError("--scales \(scales): there are only \(most) iterations for them.")
    }
    try Validation.atLeast(0, seed, "--seed")
    try Validation.positive(learningRate, "--learning-rate")
    if learningRate != nil, optimizer == .lbfgs {
      throw ValidationError(
        "--learning-rate: lbfgs has none, its line search finds the step; use --optimizer adam.")
    }
    if let noiseRatio {
      guard noiseRatio >= 0, noiseRatio <= 1 else {
        throw ValidationError("--noise-ratio \(noiseRatio): has to be between 0 and 1.")
      }
      guard `init` == "blend" else {
        throw ValidationError("--noise-ratio: only --init blend uses it.")
      }
    }
  }

  /// The optimiser for a photo worked on in the given size.
  func choice(size: PixelSize) -> OptimizerChoice {
    switch optimizer {
    case .lbfgs: .lbfgs()
    case .adam: .adam(learningRate: Float(learningRate ?? Self.defaultAdamRate))
    case .gradientDescent:
      .gradientDescent(
        learningRate: Float(
          learningRate ?? Self.descentRatePerPixel * Double(size.width * size.height)))
    }
  }

  /// The file that --init names, if it names one.
  var startFile: String? {
    ["recolored", "content", "noise", "blend"].contains(`init`) ? nil : `init`
  }

  /// The start for a photo worked on in the given size.
  func start(size: PixelSize) throws -> StartImage {
    switch `init` {
    case "recolored": .recolored
    case "content": .content
    case "noise": .noise
    case "blend": .blend(noiseRatio: noiseRatio ?? 0.6)
    default: .picture(try PictureFile(`init`).decoded(size))
    }
  }
}

/// What becomes of the picture.
struct ResultOptions: ParsableArguments {
  @Flag(help: "Keeps the photo's colours: the result's luminance with the photo's chroma.")
  var preserveColor = false

  @Option(help: "The quality of JPEG files, 1 to 100 (default: 95).")
  var jpegQuality: Int?

  @Option(help: "Bits a channel: 8, or 16 for PNG and TIFF.")
  var bitDepth = 8

  @Option(
    help: ArgumentHelp("Writes a frame after every so many iterations.", valueName: "iterations"))
  var saveEvery: Int?

  @Option(help: ArgumentHelp("The folder for the frames.", valueName: "folder"))
  var frames: String?

  mutating func validate() throws {
    try Validation.atLeast(1, saveEvery, "--save-every")
    if let jpegQuality, !(1...100).contains(jpegQuality) {
      throw ValidationError("--jpeg-quality \(jpegQuality): has to be between 1 and 100.")
    }
    guard bitDepth == 8 || bitDepth == 16 else {
      throw ValidationError("--bit-depth \(bitDepth): has to be 8 or 16.")
    }
    if (saveEvery == nil) != (frames == nil) {
      throw ValidationError("--save-every and --frames: each needs the other.")
    }
  }

  /// How a result of this path is written.
  func encoding(path: String) throws -> PictureEncoding {
    let format = try PictureFormat(path: path)
    if bitDepth == 16, !format.has16Bits {
      throw ValidationError("--bit-depth 16: \(path) cannot hold it; use .png or .tiff.")
    }
    if jpegQuality != nil, format != .jpg {
      throw ValidationError("--jpeg-quality: \(path) is no JPEG file.")
    }
    return PictureEncoding(format: format, bitDepth: bitDepth, quality: jpegQuality ?? 95)
  }
}

extension Normalization: ExpressibleByArgument {}
extension Quality: ExpressibleByArgument {}
