import Engine
import Impasto
import Networks
import TestSupport
import Testing

/// The objective by the definitions of the golden file.
private func objective(_ pooling: Pooling, weights: Objective.Weights) throws -> Objective {
  let network = ShippedNetwork.network(pooling)
  let style = try StyleTarget(
    painting: Golden.shared["style"], layers: .paperStyle(of: .vgg16), network: network)
  return try Objective(
    photo: Golden.shared["content"], contentLayers: .paperContent(of: .vgg16), style: style,
    weights: weights, styleLoss: .gram, normalization: .paper, network: network)
}

@Suite struct GoldenObjectiveTests {
  @Test(arguments: Pooling.allCases, ["content", "style", "tv"])
  func lossesAndGradientsMatchPyTorch(pooling: Pooling, term: String) throws {
    let objective = try objective(
      pooling,
      weights: .init(
        content: term == "content" ? 1 : 0, style: term == "style" ? 1 : 0,
        totalVariation: term == "tv" ? 1 : 0))
    let x = Golden.shared["x"].elements
    var gradient = [Float](repeating: .nan, count: x.count)
    let losses = objective.losses(x, gradient: &gradient)
    let expected = Double(Golden.shared["\(pooling.rawValue).loss_\(term)"].elements[0])
    #expect(relativeError(losses.total, expected) < 1e-4)
    let expectedGradient = Golden.shared["\(pooling.rawValue).grad_\(term)"].elements
    #expect(relativeError(gradient, expectedGradient) < 1e-3)
  }
}

@Suite struct ThreadTests {
  /// All sums have a fixed order.
  @Test func threadsDoNotChangeABit() throws {
    let network = ShippedNetwork.network(.average)
    let results = try [1, 2, 3, 7].map { threads in
      let style = try StyleTarget(
        painting: Golden.shared["style"], layers: .paperStyle(of: .vgg16), network: network,
        threads: threads)
      let objective = try Objective(
        photo: Golden.shared["content"], contentLayers: .paperContent(of: .vgg16), style: style,
        weights: .standard, network: network, threads: threads)
      let x = Golden.shared["x"].elements
      var gradient = [Float](repeating: .nan, count: x.count)
      let losses = objective.losses(x, gradient: &gradient)
      return (losses, gradient.map(\.bitPattern))
    }
    for result in results.dropFirst() {
      let isSame = result.1 == results[0].1
      #expect(result.0 == results[0].0 && isSame)
    }
  }
}

@Suite struct GoldenGramTests {
  @Test(arguments: Pooling.allCases, ["1_1", "2_1", "3_1"])
  func gramMatricesMatchPyTorch(pooling: Pooling, layer: String) throws {
    let target = try StyleTarget(
      painting: Golden.shared["style"], layers: .paperStyle(of: .vgg16),
      network: ShippedNetwork.network(pooling))
    let gram = target.statistics[try Architecture.vgg16.layer("relu\(layer)")]!.gram
    let expected = Golden.shared["\(pooling.rawValue).gram_style\(layer)"].elements
    #expect(relativeError(gram, expected) < 1e-4)
  }
}

@Suite struct GoldenOptimizerTests {
  /// The values of all evaluations of an optimizer that starts at `content`.
  private func trace(_ optimizer: some Optimizer, evaluations: Int) throws -> [Double] {
    let objective = try objective(
      .average, weights: .init(content: 1, style: 1e3, totalVariation: 1e-2))
    var optimizer = optimizer
    var values: [Double] = []
    func function(_ point: FloatBuffer, _ gradient: FloatBuffer) -> (value: Double, detail: Void) {
      let value = objective.losses(point.pointer, gradient: gradient.pointer).total
      values.append(value)
      return (value, ())
    }
    let start = FloatBuffer(Golden.shared["content"].elements)
    let space = VectorSpace(count: start.count, workspace: try Workspace(kernels: .chosen()))
    var iterate = try Iterate(start, function, in: space)
    while values.count < evaluations {
      #expect(try optimizer.step(&iterate, function, in: space).moved)
    }
    return values
  }

  @Test func adamFollowsPyTorch() throws {
    let expected = Golden.shared["adam.trace"].elements
    let actual = try trace(Adam(learningRate: 0.02), evaluations: expected.count)
    for (actual, expected) in zip(actual, expected) {
      #expect(relativeError(actual, Double(expected)) < 1e-3)
    }
  }

  @Test func lbfgsReachesPyTorchsLoss() throws {
    let expected = Double(Golden.shared["lbfgs.trace"].elements.last!)
    let actual = try trace(LBFGS(history: 10), evaluations: 30)
    #expect(actual.prefix(30).min()! < 1.02 * expected)
  }
}
