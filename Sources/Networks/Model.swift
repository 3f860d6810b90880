/// A trained network of the catalogue: which file holds its weights and how to use them.
public struct Model: Sendable, Hashable {
  /// What it is called on the command line.
  public let name: String
  /// Its layers.
  public let architecture: Architecture
  /// What it expects of a picture's values.
  public let preprocessing: Preprocessing
  /// The file's name in the folder of models.
  public let file: String

  /// VGG-16 as fine-tuned for edge detection by Xie and Tu (2015); the network that Impasto ships.
  public static let vgg16HED = Model(
    name: "vgg16-hed", architecture: .vgg16, preprocessing: .caffe, file: "vgg16-hed.safetensors")

  /// Every model that can be named.
  public static let catalogue = [vgg16HED]

  /// The model of a name.
  ///
  /// - Throws: `NetworkError.unknownModel`.
  public static func named(_ name: String) throws -> Model {
    guard let model = catalogue.first(where: { $0.name == name }) else {
      throw NetworkError.unknownModel(name)
    }
    return model
  }
}
