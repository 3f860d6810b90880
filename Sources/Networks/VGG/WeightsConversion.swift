import Engine
import Files
import Foundation
import ModelFiles

extension VGGWeights {
  /// Writes the convolutions as a safetensors file that says everything of itself: kernels
  /// `convB_I.weight` `[outputs, inputs, 3, 3]` that read red, green and blue, and
  /// `convB_I.bias`.
  ///
  /// - Parameter source: the name of the file that they come from, and its SHA-256.
  /// - Throws: `ModelFileError`, and what writing throws.
  package func write(
    to file: FileHandle, precision: WeightPrecision,
    source: (name: String, digest: String)
  ) throws {
    let convolutions = architecture.layers.filter { $0.kind == .convolution }
    let items = convolutions.flatMap { layer in
      let name = "conv\(layer.block)_\(layer.number)"
      return [
        SafetensorsWriter.Item(
          name: "\(name).weight",
          shape: [layer.channels, architecture.inputs(of: layer), 3, 3], precision: precision
        ) { try weights(of: layer).elements },
        // Biases are few, and rounding them is felt at every position.
        SafetensorsWriter.Item(name: "\(name).bias", shape: [layer.channels], precision: .single) {
          try biases(of: layer).elements
        },
      ]
    }
    try SafetensorsWriter.write(items, metadata: metadata(source), to: file)
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
