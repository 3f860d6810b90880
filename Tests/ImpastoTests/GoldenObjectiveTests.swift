import Impasto
import Networks
import Tensors
import TestSupport
import Testing

/// The objective in the golden file's definitions.
private func objective(_ pooling: Pooling, weights: Objective.Weights) throws -> Objective {
  let network = ShippedNetwork.network(pooling)
  let style = try StyleTarget(
    painting: Golden.shared["style"], layers: .defaultStyle(of: .vgg16), network: network)
  return try Objective(
    photo: Golden.shared["content"], contentLayers: .defaultContent(of: .vgg16), style: style, weights: weights,
    normalization: .paper, network: network)
}

@Suite struct GoldenObjectiveTests {
  @Test(arguments: Pooling.allCases, ["content", "style", "tv"])
  func lossesAndGradientsMatchPyTorch(pooling: Pooling, term: String) throws {
    let objective = try objective(
      pooling,
      weights: .init(
        content: term == "content" ? 1 : 0, style: term == "style" ? 1 : 0, totalVariation: term == "tv" ? 1 : 0))
    let x = Golden.shared["x"].elements
    var gradient = [Float](repeating: .nan, count: x.count)
    let losses = objective.losses(x, gradient: &gradient)
    let expected = Double(Golden.shared["\(pooling.rawValue).loss_\(term)"].elements[0])
    #expect(relativeError(losses.total, expected) < 1e-4)
    let expectedGradient = Golden.shared["\(pooling.rawValue).grad_\(term)"].elements
    #expect(relativeError(gradient, expectedGradient) < 1e-3)
  }
}
