import Engine

/// The layers of a network in the order of evaluation, as a file of another program describes them.
///
/// Each layer reads the one that its `input` names, and residual connections are sums of two layers.
struct LayerChain {
  /// A layer, and the shape of its map for the picture that the file was followed with.
  struct Layer {
    var kind: Kind
    let input: Int
    let shape: MapShape
  }

  enum Kind {
    case picture
    case convolution(Convolution)
    case transposedConvolution(Convolution)
    case norm(Norm)
    case relu
    case sigmoid
    case tanh
    case clip(ClosedRange<Float>)
    /// Nearest-neighbor upsampling by 2.
    case upsampling
    /// The mean of each channel.
    case globalPooling
    /// `scale · input + offset`.
    case affine(scale: Float, offset: Float)
    /// The sum of the input and another layer.
    case sum(Int)
  }

  /// A convolution with its weights, `[outputs, inputs / groups, size, size]`, or for a transposed
  /// one `[inputs, outputs, size, size]`.
  struct Convolution {
    let shape: [Int]
    let weights: [Float]
    var bias: [Float]?
    let stride: Int
    /// The padding; for a transposed convolution, what it crops.
    let padding: EdgePadding
    let groups: Int

    var size: Int { shape[3] }
  }

  /// An instance norm. A scale of nil is 1, and a shift of nil is 0.
  struct Norm {
    let epsilon: Float
    let scale: ChannelVector?
    let shift: ChannelVector?
  }

  /// A value for each channel.
  enum ChannelVector {
    case constant([Float])
    /// A blend of rows `[rows, channels]` by the network's second input.
    case rows([Float], count: Int)
    /// A product with the network's second input: weights `[channels, inputs]` and a bias.
    case projection(weights: [Float], bias: [Float], inputs: Int)

    /// The number of channels.
    var channels: Int {
      switch self {
      case .constant(let values): values.count
      case .rows(let values, let count): values.count / count
      case .projection(_, let bias, _): bias.count
      }
    }
  }

  private(set) var layers: [Layer] = []

  /// Adds a layer, and returns its index.
  mutating func add(_ kind: Kind, input: Int, shape: MapShape) -> Int {
    layers.append(Layer(kind: kind, input: input, shape: shape))
    return layers.count - 1
  }

  /// Adds a bias to the last layer, if it is a convolution without one.
  mutating func addBias(_ bias: [Float], to layer: Int) -> Bool {
    guard layer == layers.count - 1, case .convolution(var convolution) = layers[layer].kind,
      convolution.bias == nil, bias.count == layers[layer].shape.channels
    else { return false }
    convolution.bias = bias
    layers[layer].kind = .convolution(convolution)
    return true
  }
}
