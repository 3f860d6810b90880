import Engine
import Impasto
import Networks

/// The structure of a network in training, and its first weights.
struct TrainedNetwork {
  let architecture: TransformerArchitecture
  private let start: TrainingStart?
  /// The number of styles of `start` that the network keeps.
  let keptStyles: Int

  /// - Parameter styles: the number of styles to train.
  init(_ options: TrainingOptions, styles: Int, start: TrainingStart?) {
    self.start = start
    keptStyles = options.addsStyles ? start?.styleCount ?? 0 : 0
    var architecture = start?.network.transformer ?? .johnson(baseChannels: options.baseChannels)
    let rows = keptStyles + styles
    architecture.scaling = rows > 1 ? .rows(rows) : .single
    self.architecture = architecture
  }

  /// The factor of the last convolution's output, which becomes part of its weights in the end.
  ///
  /// Adam moves all weights by about the same distance, and pictures have values to 255. Johnson's
  /// network ends with `150 tanh`, which has this slope.
  var outputScale: Float {
    architecture.output == .linear && !architecture.normalizesOutput ? 150 : 1
  }

  /// The last convolution, whose output is the picture.
  private static let lastConvolution = "deconv3.conv2d"

  /// The factor of a parameter between the network's file and the training.
  func scale(of parameter: ParameterDescription) -> Float {
    parameter.name.hasPrefix(Self.lastConvolution) ? outputScale : 1
  }

  private static func isConvolution(_ parameter: ParameterDescription) -> Bool {
    parameter.name.contains("conv2d")
  }

  /// The parameters that are trained: those of norms if styles are added, and otherwise all.
  func trained(in parameters: ParameterVector) -> Set<Parameter> {
    let all = parameters.descriptions.filter { keptStyles == 0 || !Self.isConvolution($0) }
    return Set(all.map { parameters.parameter(named: $0.name)! })
  }

  /// Sets the first values of the parameters.
  ///
  /// - Parameters:
  ///   - color: the mean color of the paintings.
  func initialize(_ parameters: ParameterVector, seed: UInt64, color: SIMD3<Double>) {
    if let start {
      copy(start.network, to: parameters)
    } else {
      randomize(parameters, seed: seed)
      // The way from black pictures to those of the painting's brightness is long.
      let bias = parameters.values(
        of: parameters.parameter(named: "\(Self.lastConvolution).bias")!)
      for channel in 0..<3 {
        bias[channel] = Float(color[channel]) * architecture.output.white / outputScale
      }
    }
    parameters.invalidate()
  }

  /// Copies the values of a network. New rows of norms are the mean of its rows.
  private func copy(_ network: StylizerNetwork, to parameters: ParameterVector) {
    for description in parameters.descriptions {
      let values = parameters.values(of: parameters.parameter(named: description.name)!)
      let source = network.weights[description.name]!
      guard !Self.isConvolution(description) else {
        let scale = scale(of: description)
        for index in 0..<description.count { values[index] = source.elements[index] / scale }
        continue
      }
      let channels = description.shape.last!
      let rows = source.elements.count / channels
      for row in 0..<description.count / channels {
        for channel in 0..<channels {
          values[row * channels + channel] =
            row < keptStyles
            ? source.elements[row * channels + channel]
            : (0..<rows).reduce(0) { $0 + source.elements[$1 * channels + channel] } / Float(rows)
        }
      }
    }
  }

  /// Sets random values: uniform ones within `1/√n` for convolutions of n inputs each, PyTorch's
  /// default; 1 and 0 for the scales and shifts of norms.
  private func randomize(_ parameters: ParameterVector, seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var bound: Float = 0
    for description in parameters.descriptions {
      let values = parameters.values(of: parameters.parameter(named: description.name)!)
      let isConvolution = Self.isConvolution(description)
      if isConvolution, description.shape.count == 4 {
        bound = 1 / Float(description.shape.dropFirst().reduce(1, *)).squareRoot()
      }
      for index in 0..<description.count {
        values[index] =
          isConvolution
          ? Float.random(in: -bound...bound, using: &random)
          : description.name.hasSuffix("weight") ? 1 : 0
      }
    }
  }

  /// The weights of the network, by their names.
  func weights(_ parameters: ParameterVector) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: parameters.descriptions.map { description in
        let values = parameters.values(of: parameters.parameter(named: description.name)!)
        let scale = scale(of: description)
        let elements = UnsafeBufferPointer(start: values, count: description.count).map {
          $0 * scale
        }
        return (description.name, Tensor(shape: description.shape, elements: elements))
      })
  }
}
