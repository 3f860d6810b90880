import Pictures

/// A style and the part of the picture that takes it.
public struct StyleRegion: Sendable {
  /// What is to be matched there.
  public let target: StyleTarget
  /// The part, in the picture's size; nil for all of it.
  public let mask: Mask?
  /// What its loss is multiplied by, beside the region's share of the picture: so a position
  /// of a small region counts as much as one of a large one, and a mask that is 1 everywhere
  /// is the same as none.
  public let weight: Double

  /// Makes a region.
  public init(_ target: StyleTarget, mask: Mask? = nil, weight: Double = 1) {
    self.target = target
    self.mask = mask
    self.weight = weight
  }
}
