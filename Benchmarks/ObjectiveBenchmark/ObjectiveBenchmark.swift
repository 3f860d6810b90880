import Foundation
import Impasto

/// Times one evaluation of objective and gradient, the work of one iteration:
/// `ObjectiveBenchmark SIZE ROUNDS` prints one line of JSON.
@main struct ObjectiveBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let size = arguments.first ?? 512
    let rounds = arguments.dropFirst().first ?? 5
    var generator = SystemRandomNumberGenerator()
    func picture() -> Tensor {
      Tensor(
        shape: [size, size, 3],
        elements: (0..<size * size * 3).map { _ in Float.random(in: 0...1, using: &generator) })
    }
    let network = try FeatureNetwork.shipped()
    let target = try StyleTarget(
      painting: picture(), layers: .defaultStyle(of: network.architecture), network: network)
    let objective = try Objective(
      photo: picture(), contentLayers: .defaultContent(of: network.architecture), style: target,
      weights: .init(content: 1, style: 10, totalVariation: 1), network: network)
    let image = picture().elements
    var gradient = [Float](repeating: 0, count: image.count)
    _ = objective.losses(image, gradient: &gradient)
    if ProcessInfo.processInfo.environment["TBL"] != nil {
      var sums: [String: Double] = [:]
      objective.observer = { sums["\($0.layer) \($0.part)", default: 0] += $0.duration / .seconds(1) }
      for _ in 0..<20 { _ = objective.losses(image, gradient: &gradient) }
      for (k, v) in sums.sorted(by: { $0.key < $1.key }) { print(k, Int(v / 20 * 1e6), "us") }
      print("sum", Int(sums.values.reduce(0, +) / 20 * 1e6))
      objective.observer = nil
    }
    let clock = ContinuousClock()
    let seconds = (0..<rounds).map { _ in
      let time = clock.measure { _ = objective.losses(image, gradient: &gradient) }
      return time / .seconds(1)
    }.sorted()
    let result: [String: any Sendable] = [
      "name": "impasto", "size": size, "median": seconds[rounds / 2], "best": seconds[0],
      "peak_megabytes": peakMegabytes(),
    ]
    let json = try JSONSerialization.data(withJSONObject: result, options: [.sortedKeys])
    print(String(decoding: json, as: UTF8.self))
  }

  /// The process's maximum resident size, in 10^6 bytes.
  static func peakMegabytes() -> Double {
    var usage = rusage()
    #if os(Linux)
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) * 1024 / 1e6
    #else
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #endif
  }
}
