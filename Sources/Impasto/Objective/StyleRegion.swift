import Pictures

/// A style and the part of the picture that it applies to.
public struct StyleRegion: Sendable {
  /// The style of the region.
  public let target: StyleTarget
  /// The region, at the picture's size; nil for the whole picture.
  public let mask: Mask?
  /// The weight of the region's loss, in addition to the region's share of the picture.
  ///
  /// The share makes a position of a small region count as much as one of a large region, and a
  /// mask that is 1 everywhere equal to no mask.
  public let weight: Double

  /// Makes a region.
  public init(_ target: StyleTarget, mask: Mask? = nil, weight: Double = 1) {
    self.target = target
    self.mask = mask
    self.weight = weight
  }
}
