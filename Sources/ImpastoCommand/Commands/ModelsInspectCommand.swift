import ArgumentParser
import Foundation
import Impasto

extension ModelsCommand {
  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Describe a file of weights and its network's preprocessing.")

    @Argument(help: "A file of weights, or a network's name.")
    var file: String

    @Option(help: "The preprocessing, if it cannot be detected from the file.")
    var preprocessing: InputConvention.Name?

    @Option(help: "The photo for the check (default: one that comes with Impasto).")
    var photo: String?

    /// The longer side of the photo; enough to fill every layer.
    private static let photoSize = 224

    func run() throws {
      let inspection = try ModelInspection(nameOrPath: file)
      try StandardStreams.print(TextTable(header: nil, rows: rows(of: inspection)).text)
      if let warning = inspection.warning { Terminal.note("Careful: \(warning).") }
      let network = Result { try printNetwork(of: inspection) }
      try StandardStreams.print("\n" + tensors(of: inspection.file))
      try network.get()
    }

    private func printNetwork(of inspection: ModelInspection) throws {
      let weights: VGGWeights
      do {
        weights = try inspection.weights(preprocessing: preprocessing)
      } catch let error as NetworkError {
        for name in InputConvention.Name.allCases {
          let weights = try inspection.weights(preprocessing: name)
          try printCheck(FeatureNetwork(weights: weights), "With --preprocessing \(name.rawValue):")
        }
        throw error
      }
      try StandardStreams.print(TextTable(header: nil, rows: rows(of: weights)).text)
      try printCheck(FeatureNetwork(weights: weights), "Its answers to a photo:")
    }

    private func rows(of inspection: ModelInspection) -> [[String]] {
      [
        ["file", inspection.file.path], ["format", inspection.file.format.rawValue],
        ["size", "\(inspection.size) bytes"], ["SHA-256", inspection.digest],
        ["published as", inspection.published.map { "\($0.file) of \($0.model)" } ?? "unknown"],
      ]
    }

    private func rows(of weights: VGGWeights) -> [[String]] {
      let architecture = weights.architecture
      return [
        [
          "architecture",
          "\(architecture.name), "
            + (weights.hasFullyConnectedLayers ? "with" : "without")
            + " fully connected layers, channels "
            + architecture.channels.map(String.init).joined(separator: " "),
        ],
        ["kernels", weights.kernelLayout],
        ["pictures", "\(weights.convention)"],
        ["", "known because \(weights.evidence)"],
        [
          "padding",
          weights.padding.rawValue + (weights.poolingRoundsUp ? ", pooling rounds up" : ""),
        ],
      ]
    }

    /// Names, types and shapes, each as the file has it.
    private func tensors(of file: ModelFile) -> String {
      let names = file.tensors.keys.sorted {
        $0.compare($1, options: .numeric) == .orderedAscending
      }
      let rows = names.map { name in
        let tensor = file.tensors[name]!
        return [name, tensor.type, tensor.shape.map(String.init).joined(separator: "x")]
      }
      return TextTable(header: ["tensor", "type", "shape"], rows: rows).text
    }

    private func printCheck(_ network: FeatureNetwork, _ title: String) throws {
      let picture = try Picture(
        contentsOf: photo ?? Resources.located().samplePhoto, longestSide: Self.photoSize)
      let check = try ActivationCheck(of: network, photo: picture)
      let rows = check.rows.map {
        [
          $0.layer.name, String(format: "%.4g", $0.mean), String(format: "%.4g", $0.largest),
          String(format: "%.0f %%", 100 * $0.active),
        ]
      }
      try StandardStreams.print("\n" + title)
      try StandardStreams.print(
        TextTable(header: ["layer", "mean", "largest", "active"], rows: rows).text)
      try StandardStreams.print(String(format: "strength %.3g: ", check.strength) + verdict(check))
    }

    private func verdict(_ check: ActivationCheck) -> String {
      if check.isUsual { return "the network responds to pictures as it should." }
      return check.strength < ActivationCheck.usualStrength.lowerBound
        ? "too weak, its biases drown the picture; the values are probably too small for it."
        : "too strong for its biases; the values are probably too large for it."
    }
  }
}
