import Engine
import Impasto
import NetworkStore
import Networks
import Pictures

/// A comparison of what a network makes of photos with what an optimizer finds for the same objective.
///
///     let evaluation = try NetworkEvaluation(network, painting: painting, options: options)
///     let losses = try evaluation.losses(of: photo, evaluations: 100)
///     print(losses.network.total / losses.optimized.total)
public final class NetworkEvaluation {
  private let stylizer: Stylizer
  private let style: StylizerStyle
  private let options: TrainingOptions
  private let network: FeatureNetwork
  private let target: StyleTarget
  private let contentLayers: LayerWeights
  private let workspace: Workspace

  /// The losses of three pictures by the objective of the training.
  public struct PhotoLosses: Sendable {
    /// The losses of the photo itself.
    public let photo: Losses
    /// The losses of what the network makes of it.
    public let network: Losses
    /// The losses of the picture that L-BFGS finds from the photo.
    public let optimized: Losses

    /// The mean losses of several photos.
    ///
    /// - Precondition: there is at least one.
    public init(meanOf all: [PhotoLosses]) {
      photo = Losses(meanOf: all.map(\.photo))
      network = Losses(meanOf: all.map(\.network))
      optimized = Losses(meanOf: all.map(\.optimized))
    }

    init(photo: Losses, network: Losses, optimized: Losses) {
      (self.photo, self.network, self.optimized) = (photo, network, optimized)
    }
  }

  /// Prepares a comparison.
  ///
  /// - Parameters:
  ///   - style: the style of the network.
  ///   - painting: the painting that the style was trained for.
  ///   - options: the settings of the training.
  ///   - threads: the number of threads; nil for all processors that may be used.
  /// - Throws: `SettingError`, `PictureError`, `NetworkError` and `ModelFileError`.
  public init(
    _ network: StylizerNetwork, style: StylizerStyle = .own, painting: Picture,
    options: TrainingOptions, threads: Int? = nil
  ) throws {
    try options.check()
    stylizer = try Stylizer(network, threads: threads)
    // Trainings of both precisions are compared with the same losses.
    var options = options
    options.precision = .exact
    (self.style, self.options) = (style, options)
    workspace = try Workspace(kernels: .chosen(), threads: threads)
    self.network = try options.featureNetwork()
    contentLayers = try LayerWeights(
      parsing: options.contentLayers, architecture: self.network.architecture)
    target = try options.target(painting, network: self.network, workspace: workspace)
  }

  /// Computes the losses of a photo.
  ///
  /// - Parameter evaluations: the number of evaluations of the objective that the optimizer makes.
  /// - Throws: `SettingError`, `NetworkError` for a photo that is too small or too large, and
  ///   `OptimizerError`.
  public func losses(of photo: Picture, evaluations: Int) throws -> PhotoLosses {
    let objective = try Objective(
      photo: photo.pixels, contentLayers: contentLayers, style: [StyleRegion(target)],
      weights: options.weights, styleLoss: options.styleLoss,
      normalization: options.normalization, network: network, hasGradient: true,
      workspace: workspace)
    let stylized = try stylizer.stylized(photo, style: style)
    return PhotoLosses(
      photo: objective.losses(photo.pixels.elements),
      network: objective.losses(stylized.pixels.elements),
      optimized: try optimized(photo, objective, evaluations: evaluations))
  }

  private func optimized(
    _ photo: Picture, _ objective: Objective, evaluations most: Int
  ) throws -> Losses {
    let space = VectorSpace(count: photo.pixels.elements.count, workspace: workspace)
    let image = FloatBuffer(count: space.count)
    func losses(_ point: FloatBuffer, _ gradient: FloatBuffer) -> (value: Double, detail: Losses) {
      PixelRange.clamp(point, into: image, in: space)
      let losses = objective.losses(image.pointer, gradient: gradient.pointer)
      PixelRange.project(gradient, at: point, in: space)
      return (losses.total, losses)
    }
    let point = space.take()
    point.pointer.update(from: photo.pixels.elements, count: space.count)
    var iterate = try Iterate(point, losses, in: space)
    var optimizer = OptimizerChoice.lbfgs().make(height: photo.height, width: photo.width)
    var evaluations = 1
    while evaluations < most {
      let outcome = try optimizer.step(&iterate, losses, in: space)
      guard outcome.moved else { break }
      evaluations += outcome.evaluations
      PixelRange.clamp(iterate.point, into: iterate.point, in: space)
    }
    return iterate.detail
  }
}

extension TrainingOptions {
  /// The network that compares pictures.
  ///
  /// - Throws: `SettingError` and `ModelFileError`.
  func featureNetwork() throws -> FeatureNetwork {
    var configuration = StyleTransfer.defaultNetwork
    configuration.source = model
    configuration.precision = precision
    return try FeatureNetwork(configuration)
  }

  /// The style of a painting at `styleSize`.
  ///
  /// - Throws: `SettingError`, `PictureError` and `NetworkError`.
  func target(
    _ painting: Picture, network: FeatureNetwork, workspace: Workspace
  ) throws -> StyleTarget {
    let layers = try LayerWeights(parsing: styleLayers, architecture: network.architecture)
    let sized = try painting.resized(to: painting.size.scaled(toLongestSide: styleSize))
    return try StyleTarget(
      painting: sized.pixels, mask: sized.visiblePart, layers: layers, network: network,
      workspace: workspace)
  }
}
