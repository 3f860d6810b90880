import Engine
import Networks
import Pictures

/// The time of an evaluation of a transfer's losses, measured with a small picture.
package struct TransferSpeed {
  private let secondsPerPixel: Double

  /// The side of the picture that is measured.
  private static let side = 256
  /// The evaluations of a step of the optimizer, on average, and its other work.
  private static let evaluationsPerStep = 1.15
  /// The part of an evaluation that tiles repeat: the forward pass.
  private static let forwardShare = 0.42

  /// - Throws: the errors of `Objective`.
  package init(_ options: TransferOptions, network: FeatureNetwork) throws {
    let workspace = try Workspace(kernels: .chosen(), threads: options.threads)
    let picture = Tensor(
      shape: [Self.side, Self.side, 3],
      elements: (0..<3 * Self.side * Self.side).map { Float($0 * 7919 % 256) / 255 })
    let style = try StyleTarget(
      painting: picture,
      layers: options.styleLayers ?? .defaultStyle(of: network.architecture), network: network,
      workspace: workspace)
    let objective = try Objective(
      photo: picture,
      contentLayers: options.contentLayers ?? .defaultContent(of: network.architecture),
      style: [StyleRegion(style)], weights: options.weights, styleLoss: options.styleLoss,
      normalization: options.normalization, network: network, hasGradient: true,
      workspace: workspace)
    let (image, gradient) = (
      FloatBuffer(picture.elements), FloatBuffer(count: picture.elements.count)
    )
    // The first evaluation packs weights and touches memory.
    let times = (0..<3).map { _ in
      ContinuousClock().measure {
        _ = objective.evaluate(image.pointer, gradient: gradient.pointer, isPhoto: false)
      }
    }
    secondsPerPixel = (times.dropFirst().min()! / .seconds(1)) / Double(Self.side * Self.side)
  }

  /// The expected seconds of a step of the optimizer.
  ///
  /// - Parameters:
  ///   - size: the size of the picture.
  ///   - plan: the plan of the full size.
  package func seconds(of size: PixelSize, _ plan: MemoryPlan) -> Double {
    let isTiled = plan.tileSide.map { $0 < size.longestSide } ?? false
    let factor = isTiled ? plan.overlap * (1 + Self.forwardShare) : 1
    return Self.evaluationsPerStep * factor * secondsPerPixel * Double(size.pixels)
  }
}
