import Engine
import Networks
import Pictures

/// A painting as a network of arbitrary styles sees it: Ghiasi et al. (2017), "Exploring the structure
/// of a real-time, arbitrary neural artistic stylization network".
public struct StyleVector: Sendable, Hashable {
  /// The elements, 100 for the network that Impasto ships.
  public let elements: [Float]

  /// Makes a vector from its elements, for example those of two paintings in equal parts.
  public init(_ elements: [Float]) {
    self.elements = elements
  }

  /// Describes the middle square of a painting.
  init(_ painting: Picture, network: StylizerNetwork, workspace: Workspace) throws {
    guard let architecture = network.predictor else {
      throw SettingError("style", problem: "must be a style of the network, not a painting.")
    }
    let side = PredictorArchitecture.side
    let square = try painting.covering(PixelSize(width: side, height: side))
    let predictor = StylePredictor(architecture)
    let plan = try Plan(
      predictor.graph, inputs: [predictor.input: MapShape(height: side, width: side, channels: 3)],
      features: [predictor.output], kernels: workspace.kernels)
    let executor = CPUExecutor(
      plan, parameters: network.parameters(of: predictor.graph), workspace: workspace)
    square.pixels.elements.withUnsafeBufferPointer { executor.forward($0.baseAddress!) }
    elements = Array(
      UnsafeBufferPointer(start: executor.map(predictor.output), count: architecture.length))
  }
}
