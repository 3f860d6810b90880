/// How the first convolution of a file of weights wants its picture.
public struct InputConvention: Sendable, Hashable {
  /// The order of the channels.
  public enum ChannelOrder: String, Sendable, Hashable {
    case rgb = "RGB"
    case bgr = "BGR"
  }

  /// The conventions by the names that they have on the command line and in files' metadata.
  public enum Name: String, Sendable, Hashable, CaseIterable {
    /// Blue, green, red, 0…255 less the mean colour of ImageNet.
    case caffe
    /// Red, green, blue, 0…1 less the mean, divided by the standard deviation.
    case torchvision
  }

  /// The order in the file.
  public let channelOrder: ChannelOrder
  /// What the values go through, in the order red, green, blue.
  public let preprocessing: Preprocessing

  public init(channelOrder: ChannelOrder, preprocessing: Preprocessing) {
    self.channelOrder = channelOrder
    self.preprocessing = preprocessing
  }

  /// The convention of a name.
  public init(_ name: Name) {
    switch name {
    case .caffe: self.init(channelOrder: .bgr, preprocessing: .caffe)
    case .torchvision: self.init(channelOrder: .rgb, preprocessing: .torchvision)
    }
  }
}

extension InputConvention: CustomStringConvertible {
  /// In a line, such as `BGR, 0…255 minus 103.939, 116.779, 123.68`.
  public var description: String {
    let values =
      switch preprocessing {
      case .caffe: "0…255 less the mean colour of ImageNet (Caffe)"
      case .torchvision: "0…1 less ImageNet's mean, divided by its deviation (torchvision)"
      default: "0…1 times \(preprocessing.scale), minus \(preprocessing.offset)"
      }
    return "\(channelOrder.rawValue), \(values)"
  }
}
