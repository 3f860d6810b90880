import Engine
import Files
import Foundation
import Impasto
import Networks

/// A benchmark of the engine on the work of one iteration.
///
/// It times the objective's value and gradient for random pictures, with five style layers, one
/// content layer and total variation.
package struct Benchmark: Sendable {
  /// The time of one step of the network in one direction.
  package struct Row: Sendable {
    /// The layers that the step computes, such as `conv2_2 pool2`.
    package let name: String
    package let part: StepTime.Part
    /// The median time of all rounds.
    package let seconds: Double
    /// The operations of the direct method: two for each weight and position, and two for each
    /// pair of channels of a Gram matrix and position.
    package let operations: Double
    /// The minimum of operations of the engine's method: the products of Winograd's method, of which those
    /// of bfloat16 count half, and half of a Gram matrix.
    package let leastOperations: Double
  }

  /// The speed of the engine's matrix product and the peak speed of the processor.
  package let product: ProductBenchmark
  package let threads: Int
  /// The time in seconds until the weights are ready, including opening the file.
  package let preparation: Double
  /// The time in seconds of each evaluation after the first.
  package let evaluations: [Double]
  package let rows: [Row]
  /// The time in seconds of a step of each optimizer without the evaluation, but with clamping to
  /// the range of pixels. L-BFGS has a full history.
  package let optimizers: [(name: String, seconds: Double)]

  /// The median time of an evaluation in seconds.
  package var median: Double { evaluations.sorted()[evaluations.count / 2] }

  /// Runs the benchmark.
  ///
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError`.
  package init(
    width: Int, height: Int, rounds: Int, threads: Int?,
    network makeNetwork: () throws ->
      FeatureNetwork
  ) throws {
    let workspace = try Workspace(
      kernels: .chosen(), threads: threads)
    self.threads = workspace.threads
    let clock = ContinuousClock()
    let start = clock.now
    let network = try makeNetwork()
    let layers = try LayerWeights.paperStyle(of: network.architecture)
    try network.architecture.checkSize(
      width: width, height: height, for: layers.shares.map(\.layer))
    var random = SeededGenerator(seed: 0)
    func picture() -> Tensor {
      Tensor(
        shape: [height, width, 3],
        elements: (0..<height * width * 3).map { _ in Float.random(in: 0...1, using: &random) })
    }
    // The smallest pictures that reach all layers, so that preparing the weights dominates.
    let seed = Tensor(shape: [16, 16, 3], repeating: 0.5)
    _ = try Self.objective(photo: seed, painting: seed, layers, network, workspace)
    preparation = (clock.now - start) / .seconds(1)
    let objective = try Self.objective(
      photo: picture(), painting: picture(), layers, network, workspace)
    let image = FloatBuffer(picture().elements)
    let gradient = FloatBuffer(count: image.count)
    func evaluate() { _ = objective.losses(image.pointer, gradient: gradient.pointer) }
    evaluate()
    evaluations = (0..<rounds).map { _ in clock.measure(evaluate) / .seconds(1) }
    var times: [String: [Double]] = [:]
    var steps: [FeatureExtractor.LayerTime] = []
    objective.observer = { time in
      let key = "\(time.layer) \(time.step.part)"
      if times[key] == nil { steps.append(time) }
      times[key, default: []].append(time.step.duration / .seconds(1))
    }
    for _ in 0..<rounds { evaluate() }
    product = ProductBenchmark(workspace: workspace)
    let work = Work(
      network: network, kernels: workspace.kernels, width: width, height: height)
    rows = steps.map { time in
      let seconds = times["\(time.layer) \(time.step.part)"]!.sorted()[rounds / 2]
      let first = steps.last {
        $0.step.part == .forward && $0.layer.index < time.layer.index
      }?.layer
      return work.row(time, after: first, seconds: seconds, grams: layers.shares.map(\.layer))
    }
    optimizers = try [
      ("L-BFGS", OptimizerChoice.lbfgs().make(height: height, width: width)),
      ("Adam", Adam(learningRate: 0.02)),
    ].map {
      ($0, try Self.seconds(of: $1, from: image, workspace))
    }
  }

  /// The median time of optimizer steps without the time of the function.
  private static func seconds(
    of optimizer: any Optimizer, from start: FloatBuffer, _ workspace: Workspace
  ) throws -> Double {
    let clock = ContinuousClock()
    let space = VectorSpace(count: start.count, workspace: workspace)
    let image = FloatBuffer(count: start.count)
    var inFunction = Duration.zero
    // A quadratic function with different curvatures, so that the history stays full.
    func function(_ point: FloatBuffer, _ gradient: FloatBuffer) -> (value: Double, detail: Void) {
      PixelRange.clamp(point, into: image, in: space)
      let value: Double
      let began = clock.now
      let (x, to) = (image.pointer, gradient.pointer)
      space.forRanges { for i in $0 { to[i] = Float(i % 100 + 1) * (x[i] - 0.5) } }
      value = 0.5 * space.dot(image, gradient)
      inFunction += clock.now - began
      PixelRange.project(gradient, at: point, in: space)
      return (value, ())
    }
    var optimizer = optimizer
    let point = space.take()
    point.pointer.update(from: start.pointer, count: start.count)
    var iterate = try Iterate(point, function, in: space)
    var seconds: [Double] = []
    for _ in 0..<20 {
      inFunction = .zero
      let whole = try clock.measure { _ = try optimizer.step(&iterate, function, in: space) }
      seconds.append((whole - inFunction) / .seconds(1))
    }
    return seconds.suffix(9).sorted()[4]
  }

  private static func objective(
    photo: Tensor, painting: Tensor, _ layers: LayerWeights, _ network: FeatureNetwork,
    _ workspace: Workspace
  ) throws -> Objective {
    try Objective(
      photo: photo, contentLayers: .paperContent(of: network.architecture),
      style: [
        StyleRegion(
          StyleTarget(painting: painting, layers: layers, network: network, workspace: workspace))
      ],
      weights: .init(content: 1, style: 10, totalVariation: 1), styleLoss: .gram,
      normalization: .perPosition,
      network: network, hasGradient: true, workspace: workspace)
  }
}

/// Counts the operations of a network's steps for pictures of one size.
private struct Work {
  let network: FeatureNetwork
  let kernels: Kernels
  let width: Int
  let height: Int
  private var architecture: Architecture { network.architecture }

  /// Makes the row of a step.
  ///
  /// - Parameter previous: the last layer of the previous step.
  func row(
    _ time: FeatureExtractor.LayerTime, after previous: Layer?, seconds: Double, grams: [Layer]
  ) -> Benchmark.Row {
    let own = architecture.layers.filter {
      $0.index > previous?.index ?? -1 && $0.index <= time.layer.index
    }
    // The first block computes its own Gram matrix, and every backward step adds the gradient of
    // the Gram matrix below it.
    let inside = grams.filter { own.dropLast().contains($0) }
    let below = grams.filter { $0 == previous }
    func sum(_ layers: [Layer], _ operations: (Layer) -> Double) -> Double {
      layers.reduce(0) { $0 + operations($1) }
    }
    let convolutions = own.filter { $0.kind == .convolution }
    let plain = sum(convolutions, operations)
    let direction: PackedConvolution.Direction =
      time.step.part == .backward ? .backward : .forward
    let winograd = sum(convolutions) { operations(of: $0) * leastShare(of: $0, direction) }
    // A Gram matrix is symmetric; its gradient is not.
    let (count, least) =
      switch time.step.part {
      case .forward: (plain + sum(inside, product), winograd + sum(inside, product) / 2)
      case .gram: (product(time.layer), product(time.layer) / 2)
      case .backward, .parameters:
        (plain + sum(inside + below, product), winograd + sum(inside + below, product))
      }
    let names = own.filter { $0.kind != .relu }.map {
      $0.kind == .pooling ? $0.name : "conv\($0.block)_\($0.number)"
    }
    return Benchmark.Row(
      name: time.step.part == .gram
        ? "Gram matrix of conv\(time.layer.block)_\(time.layer.number)"
        : names.joined(separator: " "), part: time.step.part, seconds: seconds, operations: count,
      leastOperations: least)
  }

  /// The operations of the product of a map and a matrix of its channels.
  private func product(_ layer: Layer) -> Double {
    2 * positions(layer) * Double(layer.channels * layer.channels)
  }

  /// The time of the engine's products as a share of that of the direct method.
  private func leastShare(
    of convolution: Layer, _ direction: PackedConvolution.Direction
  ) -> Double {
    let (inputs, outputs) = (architecture.inputs(of: convolution), convolution.channels)
    guard inputs > 3 else { return 1 }
    let isForward = direction == .forward
    return PackedConvolution.leastShare(
      inputs: isForward ? inputs : outputs, outputs: isForward ? outputs : inputs,
      direction: direction, precision: network.convolutionPrecision, kernels: kernels)
  }

  private func positions(_ layer: Layer) -> Double {
    Double((height / layer.stride) * (width / layer.stride))
  }

  /// The operations of a convolution by the direct method.
  private func operations(of convolution: Layer) -> Double {
    18 * positions(convolution) * Double(convolution.channels)
      * Double(architecture.inputs(of: convolution))
  }
}
