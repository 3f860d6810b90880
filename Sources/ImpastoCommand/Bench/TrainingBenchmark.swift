import Engine
import Foundation
import Impasto
import Networks
import Training

/// A benchmark of a training's step, layer by layer.
///
/// The network reads random pictures, one sample at a time. The losses are those of `Benchmark`.
package struct TrainingBenchmark: Sendable {
  /// The time of one step of a network in one direction.
  package struct Row: Sendable {
    /// The network: the one that is trained, or VGG on the photo or on the result.
    package let network: String
    package let layer: String
    package let part: StepTime.Part
    /// The mean time of all rounds.
    package let seconds: Double
    /// The operations of the direct method.
    package let operations: Double
  }

  package let rows: [Row]
  /// The networks and their directions, in the order of the rows.
  package var parts: [(network: String, part: StepTime.Part)] {
    rows.reduce(into: []) { parts, row in
      if !parts.contains(where: { $0 == (row.network, row.part) }) {
        parts.append((row.network, row.part))
      }
    }
  }
  /// The median time of a sample in seconds.
  package let seconds: Double
  /// The peak speed of the processor in operations a second.
  package let peak: Double

  /// Runs the benchmark.
  ///
  /// - Parameters:
  ///   - side: the side of the pictures, a multiple of 4.
  /// - Throws: `NetworkError.pictureTooSmall` and `.pictureTooLarge`, and `ModelFileError`.
  package init(side: Int, rounds: Int, threads: Int?, network: FeatureNetwork) throws {
    let workspace = try Workspace(kernels: .chosen(), threads: threads)
    var options = TrainingOptions()
    (options.size, options.batch, options.precision) = (side, 1, network.precision)
    options.contentLayers = LayerWeights.paperContentList
    let layers = try LayerWeights.paperStyle(of: network.architecture)
    var random = SeededGenerator(seed: 0)
    let picture = (0..<side * side * 3).map { _ in Float.random(in: 0...1, using: &random) }
    let style = try StyleTarget(
      painting: Tensor(shape: [side, side, 3], elements: picture), layers: layers,
      network: network, workspace: workspace)
    let trainer = try Trainer(
      options, styles: [style], network: network, workspace: workspace)
    func sample() -> Double {
      ContinuousClock().measure { _ = trainer.differentiate([picture], step: 0) } / .seconds(1)
    }
    _ = sample()
    seconds = (0..<rounds).map { _ in sample() }.sorted()[rounds / 2]
    var order: [String] = []
    var times: [String: [(network: String, step: StepTime)]] = [:]
    trainer.observer = { network, step in
      let key = "\(network) \(step.output) \(step.part)"
      if times[key] == nil { order.append(key) }
      times[key, default: []].append((network, step))
    }
    for _ in 0..<rounds { _ = sample() }
    rows = order.map { key in
      let all = times[key]!
      let sum = all.reduce(Duration.zero) { $0 + $1.step.duration }
      let (network, step) = all[0]
      return Row(
        network: network, layer: step.name, part: step.part,
        seconds: sum / .seconds(1) / Double(rounds), operations: step.operations)
    }
    peak = ProductBenchmark(workspace: workspace).peak
  }
}
