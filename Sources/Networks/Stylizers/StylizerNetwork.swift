import Engine
import ModelFiles

/// A network that repaints a picture in one pass: its structure, its weights and its styles.
public struct StylizerNetwork: Sendable {
  package let transformer: TransformerArchitecture
  /// The network that describes paintings, for a network of arbitrary styles.
  package let predictor: PredictorArchitecture?
  /// The weights by the names of the graphs' parameters.
  package let weights: [String: Tensor]
  /// The names of the styles; empty if the file has none.
  public let styleNames: [String]

  /// The styles that a network can paint in.
  public enum Styles: Sendable, Hashable {
    /// The one style that the network was trained for.
    case single
    /// So many styles, which can be blended.
    case several(Int)
    /// Any painting.
    case arbitrary
  }

  /// The styles that the network can paint in.
  public var styles: Styles {
    switch transformer.scaling {
    case .single: .single
    case .rows(let count): .several(count)
    case .predicted: .arbitrary
    }
  }

  /// Makes a network, with the weights checked against the parameters of its graphs.
  ///
  /// - Parameter path: the file, for errors.
  /// - Throws: `ModelFileError`.
  package init(
    _ transformer: TransformerArchitecture, predictor: PredictorArchitecture? = nil,
    weights: [String: Tensor], styleNames: [String] = [], path: String
  ) throws {
    var shapes: [ParameterDescription] = []
    if let predictor {
      guard predictor.isPlausible else { throw Self.implausible(path) }
      shapes += StylePredictor(predictor).graph.parameters
    }
    guard transformer.isPlausible else { throw Self.implausible(path) }
    shapes += ResidualTransformer(transformer, height: 4, width: 4).graph.parameters
    for shape in shapes where weights[shape.name]?.shape != shape.shape {
      throw ModelFileError.missingTensor(path: path, name: shape.name, expected: shape.shape)
    }
    if case .predicted(let length) = transformer.scaling {
      guard predictor.map({ $0.length == length }) ?? true else { throw Self.implausible(path) }
    } else if predictor != nil {
      throw Self.implausible(path)
    }
    if case .rows(let count) = transformer.scaling, !styleNames.isEmpty, styleNames.count != count {
      throw ModelFileError.unsupported(
        path: path, reason: "it names \(styleNames.count) styles but has \(count)")
    }
    self.transformer = transformer
    self.predictor = predictor
    self.weights = weights
    self.styleNames = styleNames
  }

  /// The network with names for its styles.
  ///
  /// - Throws: `ModelFileError` if they are not as many.
  package func named(_ styleNames: [String], path: String) throws -> StylizerNetwork {
    try StylizerNetwork(
      transformer, predictor: predictor, weights: weights, styleNames: styleNames, path: path)
  }

  private static func implausible(_ path: String) -> ModelFileError {
    .unsupported(path: path, reason: "its description of the network is damaged")
  }

  /// The parameters of one of the network's graphs, for convolutions of a precision.
  package func parameters(of graph: Graph, precision: Precision = .exact) -> ParameterVector {
    let parameters = ParameterVector(graph)
    // No pooling decides by small differences, and pictures have 8 bits.
    parameters.precision = precision == .fast ? .low : .medium
    for description in graph.parameters {
      let parameter = parameters.parameter(named: description.name)!
      parameters.values(of: parameter).update(
        from: weights[description.name]!.elements, count: description.count)
    }
    return parameters
  }
}
