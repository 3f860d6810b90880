import Engine

/// The graph of a VGG network, from a picture to each layer.
struct VGGGraph: Sendable {
  /// The preprocessing, followed by convolutions, ReLUs and pooling layers.
  let graph: Graph
  /// The input, `[height, width, 3]`, 0…1.
  let picture: Graph.Value
  private let values: [Layer: Graph.Value]
  private let layers: [Graph.Value: Layer]
  private let convolutions: [Layer]

  /// Builds the graph.
  ///
  /// - Parameters:
  ///   - padding: the padding of the first convolution.
  ///   - innerPadding: the padding of the other convolutions.
  init(
    _ architecture: Architecture, preprocessing: Preprocessing, pooling: WindowPooling,
    padding: Padding, innerPadding: Padding
  ) {
    var graph = Graph()
    picture = graph.input(channels: 3, name: "picture")
    var value = graph.add(
      Affine(
        scale: (0..<3).map { preprocessing.scale[$0] },
        offset: (0..<3).map { preprocessing.offset[$0] }),
      picture, name: "preprocessing")
    var values: [Layer: Graph.Value] = [:]
    for layer in architecture.layers {
      switch layer.kind {
      case .convolution:
        let inputs = architecture.inputs(of: layer)
        let shape = [layer.channels, inputs, 3, 3]
        value = graph.add(
          Convolution(
            inputs: inputs, outputs: layer.channels, size: 3,
            padding: .same(size: 3, mode: layer.index == 0 ? padding : innerPadding),
            weights: graph.parameter("\(layer.name).weight", shape: shape),
            bias: graph.parameter("\(layer.name).bias", shape: [layer.channels])),
          value, name: layer.name)
      case .relu: value = graph.add(ReLU(), value, name: layer.name)
      case .pooling: value = graph.add(pooling, value, name: layer.name)
      }
      values[layer] = value
    }
    self.graph = graph
    self.values = values
    layers = Dictionary(uniqueKeysWithValues: values.map { ($1, $0) })
    convolutions = architecture.layers.filter { $0.kind == .convolution }
  }

  /// The value of a layer.
  subscript(_ layer: Layer) -> Graph.Value { values[layer]! }

  /// The layer of a value; nil for the picture and the preprocessed picture.
  subscript(_ value: Graph.Value) -> Layer? { layers[value] }

  /// The layer of a convolution.
  func layer(of convolution: Convolution) -> Layer {
    // Each convolution has two parameters: its weights and its biases.
    convolutions[convolution.weights.index / 2]
  }
}
