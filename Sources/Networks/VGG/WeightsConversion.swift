import Engine
import Files
import Foundation
import ModelFiles

extension VGGWeights {
  /// Writes the convolutions as a self-describing safetensors file.
  ///
  /// It holds the kernels `convB_I.weight`, `[outputs, inputs, 3, 3]` for red, green and blue
  /// input, and the biases `convB_I.bias`. Its metadata state the preprocessing and the padding.
  ///
  /// - Parameters:
  ///   - source: the name and the SHA-256 of the original file.
  ///   - write: writes the parts of the file in order.
  /// - Throws: `ModelFileError`, and errors of writing.
  package func write(
    precision: WeightPrecision, source: (name: String, digest: String),
    with write: (Data) throws -> Void
  ) throws {
    let convolutions = architecture.layers.filter { $0.kind == .convolution }
    let items = convolutions.flatMap { layer in
      let name = "conv\(layer.block)_\(layer.number)"
      return [
        SafetensorsWriter.Item(
          name: "\(name).weight",
          shape: [layer.channels, architecture.inputs(of: layer), 3, 3], precision: precision
        ) { try weights(of: layer).elements },
        // Biases are few, and rounding one of them shifts its channel at every position.
        SafetensorsWriter.Item(name: "\(name).bias", shape: [layer.channels], precision: .single) {
          try biases(of: layer).elements
        },
      ]
    }
    try SafetensorsWriter.write(items, metadata: metadata(source), with: write)
  }

  private func metadata(_ source: (name: String, digest: String)) -> [String: String] {
    let preprocessing = Metadata.preprocessings.first { $0.value == convention.preprocessing }!
    return [
      Metadata.channels: InputConvention.ChannelOrder.rgb.rawValue,
      Metadata.preprocessing: preprocessing.name,
      Metadata.padding: padding.rawValue,
      Metadata.rounding: poolingRoundsUp ? "up" : "down",
      Metadata.source: source.name,
      Metadata.sourceDigest: source.digest,
    ]
  }
}
