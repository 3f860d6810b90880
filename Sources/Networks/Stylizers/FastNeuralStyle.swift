import Engine
import ModelFiles

/// The state dicts of PyTorch's example `fast_neural_style`: Johnson's network with instance norm and
/// nearest upsampling.
enum FastNeuralStyle {
  /// Reads a state dict of any number of base channels and blocks, perhaps under a prefix such as
  /// `module.`.
  ///
  /// - Returns: nil for another file.
  /// - Throws: `ModelFileError` if tensors are missing.
  static func network(_ file: ModelFile) throws -> StylizerNetwork? {
    let first = "conv1.conv2d.weight"
    // The residual blocks have tensors of this name, too.
    let candidates = file.tensors.keys.filter { $0.hasSuffix(first) }
    guard let shortest = candidates.min(by: { $0.count < $1.count }) else { return nil }
    let prefix = shortest.dropLast(first.count)
    func shape(_ name: String) -> [Int] { file.tensors[prefix + name]?.shape ?? [] }
    func channels(_ name: String) -> Int { shape("\(name).conv2d.weight").first ?? 0 }
    let blocks = (1...64).prefix { file.tensors["\(prefix)res\($0).conv1.conv2d.weight"] != nil }
    var architecture = TransformerArchitecture.johnson(baseChannels: 1, blocks: blocks.count)
    architecture.contraction = ["conv1", "conv2", "conv3"].map(channels)
    architecture.expansion = ["deconv1", "deconv2"].map(channels)
    guard architecture.isPlausible else { return nil }
    var weights: [String: Tensor] = [:]
    let graph = ResidualTransformer(architecture, height: 4, width: 4).graph
    for parameter in graph.parameters {
      weights[parameter.name] = try file.tensor(
        name(of: parameter.name, prefix, file), shape: parameter.shape)
    }
    return try StylizerNetwork(architecture, weights: weights, path: file.path)
  }

  /// The name in the file. Networks of 2017 have a scale and a shift where later ones have a weight
  /// and a bias.
  private static func name(of parameter: String, _ prefix: Substring, _ file: ModelFile) -> String {
    let name = prefix + parameter
    guard file.tensors[String(name)] == nil else { return String(name) }
    let older =
      name.hasSuffix(".weight")
      ? name.dropLast("weight".count) + "scale" : name.dropLast("bias".count) + "shift"
    return file.tensors[String(older)] == nil ? String(name) : String(older)
  }
}
