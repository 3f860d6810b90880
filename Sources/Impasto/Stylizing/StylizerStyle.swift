import Networks

/// What a one-pass network paints in.
public enum StylizerStyle: Sendable, Hashable {
  /// The only style of the network.
  case own
  /// A blend of the network's styles, with a weight for each.
  case blend([Float])
  /// A painting.
  case painting(StyleVector)

  /// One of a network's styles by its name.
  ///
  /// - Throws: `SettingError` if the network has no style of this name.
  public static func named(_ name: String, of network: StylizerNetwork) throws -> StylizerStyle {
    guard let index = network.styleNames.firstIndex(of: name) else {
      throw SettingError("style", value: name, problem: "the network has no style of this name.")
    }
    return .blend(network.styleNames.indices.map { $0 == index ? 1 : 0 })
  }

  /// Checks that a network can paint in the style.
  ///
  /// - Throws: `SettingError`.
  func check(_ network: StylizerNetwork) throws {
    switch (self, network.styles) {
    case (.own, .single): return
    case (.blend(let weights), .several(let count)):
      guard weights.count == count, weights.allSatisfy(\.isFinite) else {
        throw SettingError(
          "style-blend", problem: "needs one weight for each of the \(count) styles.")
      }
    case (.painting(let vector), .arbitrary):
      guard case .predicted(vector.elements.count) = network.transformer.scaling else {
        throw SettingError("style", problem: "was described for another network.")
      }
    case (_, .single):
      throw SettingError("style", problem: "must be left open: the network has one style.")
    case (_, .several(let count)):
      throw SettingError("style", problem: "must be one of the network's \(count) styles.")
    case (_, .arbitrary):
      throw SettingError("style", problem: "must be a painting for this network.")
    }
  }
}
