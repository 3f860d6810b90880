/// The metadata keys that Impasto writes to files of weights, so that reading them needs no
/// detection.
package enum Metadata {
  package static let channels = "impasto.channels"
  package static let preprocessing = "impasto.preprocessing"
  package static let padding = "impasto.padding"
  package static let rounding = "impasto.pooling-rounding"
  package static let source = "impasto.source"
  package static let sourceDigest = "impasto.source-sha256"

  /// The preprocessing of each name.
  static let preprocessings: [(name: String, value: Preprocessing)] = [
    (InputConvention.Name.caffe.rawValue, .caffe),
    (InputConvention.Name.torchvision.rawValue, .torchvision),
  ]
}
