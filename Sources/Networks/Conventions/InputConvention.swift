/// The input format of the first convolution in a file of weights.
public struct InputConvention: Sendable, Hashable {
  /// An order of color channels.
  public enum ChannelOrder: String, Sendable, Hashable {
    case rgb = "RGB"
    case bgr = "BGR"
  }

  /// The names of conventions in recipes and in the metadata of files.
  public enum Name: String, Sendable, Hashable, CaseIterable {
    /// Blue, green, red; values 0…255 minus the mean color of ImageNet.
    case caffe
    /// Red, green, blue; values 0…1 minus the mean, divided by the standard deviation.
    case torchvision
  }

  /// The order of the input channels in the file.
  public let channelOrder: ChannelOrder
  /// The preprocessing of values, in the order red, green, blue.
  public let preprocessing: Preprocessing

  public init(channelOrder: ChannelOrder, preprocessing: Preprocessing) {
    self.channelOrder = channelOrder
    self.preprocessing = preprocessing
  }

  /// The convention with a name.
  public init(_ name: Name) {
    switch name {
    case .caffe: self.init(channelOrder: .bgr, preprocessing: .caffe)
    case .torchvision: self.init(channelOrder: .rgb, preprocessing: .torchvision)
    }
  }
}

extension InputConvention: CustomStringConvertible {
  /// A one-line description, such as `BGR, 0…255 minus the mean color of ImageNet (Caffe)`.
  public var description: String {
    let values =
      switch preprocessing {
      case .caffe: "0…255 minus the mean color of ImageNet (Caffe)"
      case .torchvision: "0…1 minus ImageNet's mean, divided by its deviation (torchvision)"
      default: "0…1 times \(preprocessing.scale), minus \(preprocessing.offset)"
      }
    return "\(channelOrder.rawValue), \(values)"
  }
}
