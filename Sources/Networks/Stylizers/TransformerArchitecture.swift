import Engine

/// The structure of a network that repaints a picture in one pass.
///
/// All families contract the picture by a convolution of 9x9 and two of 3x3 with stride 2, change it
/// by residual blocks, and expand it again: Johnson, Alahi and Fei-Fei (2016), "Perceptual losses for
/// real-time style transfer and super-resolution".
package struct TransformerArchitecture: Sendable, Hashable, Codable {
  /// The channels of the three contracting convolutions.
  package var contraction: [Int]
  /// The number of residual blocks.
  package var blocks: Int
  /// The channels of the two expanding convolutions.
  package var expansion: [Int]
  /// What convolutions read outside of a map.
  package var padding: Padding
  /// How the expanding convolutions double the size of a map.
  package var upsampling: Upsampling
  /// Where the scale and the shift of instance norms come from.
  package var scaling: Scaling
  /// Whether instance norms follow the contracting convolutions.
  package var normalizesContraction: Bool
  /// Whether an instance norm follows the last convolution.
  package var normalizesOutput: Bool
  /// Whether convolutions have biases.
  package var hasBiases: Bool
  /// The function after the last layer, which determines the range of pictures.
  package var output: Output
  /// The constant that norms add to the variance.
  package var epsilon: Float

  package enum Upsampling: String, Sendable, Codable {
    /// Nearest-neighbor upsampling before a convolution.
    case nearest
    /// A transposed convolution of stride 2.
    case transposed
  }

  package enum Scaling: Sendable, Hashable, Codable {
    /// One scale and shift for each channel: a single style.
    case single
    /// A row for each style (Dumoulin, Shlens and Kudlur 2017, "A learned representation for
    /// artistic style").
    case rows(Int)
    /// A product of a style vector of this length, which another network computes from a painting
    /// (Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural artistic
    /// stylization network").
    case predicted(Int)
  }

  package enum Output: String, Sendable, Codable {
    /// None. Pictures are 0...255 before and after the network.
    case linear
    /// `150 tanh(x) + 127.5`, with pictures of 0...255.
    case tanh
    /// A sigmoid, with pictures of 0...1.
    case sigmoid

    /// The value of white in the network's pictures.
    package var white: Float { self == .sigmoid ? 1 : 255 }
  }

  /// The network of PyTorch's example `fast_neural_style`.
  package static func johnson(baseChannels: Int, blocks: Int = 5) -> TransformerArchitecture {
    TransformerArchitecture(
      contraction: [baseChannels, 2 * baseChannels, 4 * baseChannels], blocks: blocks,
      expansion: [2 * baseChannels, baseChannels], padding: .reflect, upsampling: .nearest,
      scaling: .single, normalizesContraction: true, normalizesOutput: false, hasBiases: true,
      output: .linear, epsilon: 1e-5)
  }

  /// Whether all numbers are within those of any network. They may come from a file.
  var isPlausible: Bool {
    let channels = contraction + expansion
    let count =
      switch scaling {
      case .single: 1
      case .rows(let count), .predicted(let count): count
      }
    return contraction.count == 3 && expansion.count == 2
      && channels.allSatisfy { 1...2048 ~= $0 } && 0...64 ~= blocks && 1...10_000 ~= count
      && epsilon >= 0 && epsilon < 1
  }
}

extension Padding: Codable {}
