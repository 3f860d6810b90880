import Engine
import ModelFiles

/// The first filters of published networks, which identify the weights in files of any format.
package struct KnownFilters {
  /// The network's name in messages.
  let title: String
  /// One channel of the first filter as printed by public pages: 3x3, row-major.
  let plane: [Float]
  /// Whether `plane` is the filter's blue channel; otherwise it is the red one.
  let isBlue: Bool
  let preprocessing: Preprocessing
  /// Whether variants exist that divide each filter by its mean activation, as Gatys did.
  let hasNormalizedVariant: Bool

  /// Oxford's filters are printed in https://github.com/devincody/CS179final_project
  /// (src/h5_utils.cpp, from Keras), torchvision's with four digits in public notebooks.
  private static let all = [
    KnownFilters(
      title: "Oxford's VGG-16",
      plane: [
        0.42947057, 0.373467, -0.061360113, 0.27476987, 0.038680777, -0.36722335, -0.05746817,
        -0.26224968, -0.35009676,
      ], isBlue: true, preprocessing: .caffe, hasNormalizedVariant: true),
    KnownFilters(
      title: "Oxford's VGG-19",
      plane: [
        0.341195, 0.339992, -0.0448442, 0.232159, 0.0897821, -0.303314, -0.0726092, -0.246675,
        -0.336833,
      ], isBlue: true, preprocessing: .caffe, hasNormalizedVariant: true),
    KnownFilters(
      title: "torchvision's VGG-16",
      plane: [-0.5537, 0.1427, 0.5290, -0.5831, 0.3566, 0.7657, -0.6902, -0.0480, 0.4841],
      isBlue: false, preprocessing: .torchvision, hasNormalizedVariant: false),
    KnownFilters(
      title: "torchvision's VGG-19",
      plane: [
        -0.053474, -0.049257, -0.067942, 0.015314, 0.045068, 0.0021444, 0.036226, 0.019999,
        0.019864,
      ], isBlue: false, preprocessing: .torchvision, hasNormalizedVariant: false),
  ]

  /// The published network that a first filter belongs to.
  package struct Match {
    package let title: String
    package let convention: InputConvention
  }

  /// Finds the published network that a first filter belongs to.
  ///
  /// - Parameter filter: `[3, 3, 3]`, input channels first.
  package static func match(_ filter: [Float]) -> Match? {
    for known in all {
      for order in [InputConvention.ChannelOrder.rgb, .bgr] {
        let channel = known.isBlue == (order == .bgr) ? 0 : 2
        guard let scale = known.scale(of: Array(filter[channel * 9..<channel * 9 + 9])) else {
          continue
        }
        let isNormalized = abs(scale - 1) > 1e-2
        guard !isNormalized || known.hasNormalizedVariant else { continue }
        return Match(
          title: isNormalized ? "\(known.title), normalized" : known.title,
          convention: InputConvention(channelOrder: order, preprocessing: known.preprocessing))
      }
    }
    return nil
  }

  /// The factor that turns the known plane into `other`, if there is one.
  private func scale(of other: [Float]) -> Float? {
    func product(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map(*).reduce(0, +) }
    let size = product(plane, plane)
    let scale = product(plane, other) / size
    guard scale > 0, scale.isFinite else { return nil }
    let rest = zip(plane, other).map { $1 - scale * $0 }
    // The rounding of half precision and of four printed digits is below this bound.
    return product(rest, rest) <= 4e-6 * scale * scale * size ? scale : nil
  }
}
