/// What an expression over the map of a layer computes, on the way to an instance norm.
///
/// Exporters write instance norms as arithmetic, in several orders. Here `x` is the map of the
/// layer, `mean` and `variance` are those of its channels, and vectors have a value per channel.
struct NormForm {
  /// The index of the layer whose map is normalized.
  let layer: Int
  let kind: Kind

  enum Kind {
    /// `mean`.
    case mean
    /// `x - mean`.
    case centered
    /// `(x - mean)²`.
    case squares
    /// `variance + epsilon`.
    case variance(epsilon: Float)
    /// `√(variance + epsilon)`.
    case deviation(epsilon: Float)
    /// `1 / √(variance + epsilon)`.
    case inverse(epsilon: Float)
    /// `scale / √(variance + epsilon)`.
    case factor(Affine)
    /// `mean · scale / √(variance + epsilon)`.
    case meanFactor(Affine)
    /// `shift - mean · scale / √(variance + epsilon)`.
    case offset(Affine)
    /// `x · scale / √(variance + epsilon)`.
    case scaled(Affine)
    /// `(x - mean) · scale / √(variance + epsilon) + shift`, the norm.
    case norm(Affine)
  }

  /// The constants of a norm.
  struct Affine {
    let epsilon: Float
    var scale: LayerChain.ChannelVector?
    var shift: LayerChain.ChannelVector?
  }

  private init(_ layer: Int, _ kind: Kind) {
    self.layer = layer
    self.kind = kind
  }

  private func with(_ kind: Kind) -> NormForm { NormForm(layer, kind) }

  // MARK: Expressions

  /// The mean of a layer's channels.
  static func mean(of layer: Int) -> NormForm { NormForm(layer, .mean) }

  /// The mean over all positions.
  var mean: NormForm? {
    if case .squares = kind { with(.variance(epsilon: 0)) } else { nil }
  }

  var squareRoot: NormForm? {
    if case .variance(let epsilon) = kind { with(.deviation(epsilon: epsilon)) } else { nil }
  }

  var reciprocal: NormForm? {
    if case .deviation(let epsilon) = kind { with(.inverse(epsilon: epsilon)) } else { nil }
  }

  var squared: NormForm? {
    if case .centered = kind { with(.squares) } else { nil }
  }

  /// A layer's map minus a form.
  static func difference(_ layer: Int, _ form: NormForm) -> NormForm? {
    guard case .mean = form.kind, layer == form.layer else { return nil }
    return form.with(.centered)
  }

  /// A vector minus a form.
  static func difference(_ vector: LayerChain.ChannelVector, _ form: NormForm) -> NormForm? {
    guard case .meanFactor(var affine) = form.kind else { return nil }
    affine.shift = vector
    return form.with(.offset(affine))
  }

  /// A form plus a number.
  func plus(_ number: Float) -> NormForm? {
    switch kind {
    case .variance(let epsilon): with(.variance(epsilon: epsilon + number))
    // Some exports add as good as nothing, to make a copy.
    case .centered: abs(number) <= 1e-6 ? self : nil
    default: nil
    }
  }

  /// A form plus a vector.
  func plus(_ vector: LayerChain.ChannelVector) -> NormForm? {
    guard case .norm(var affine) = kind, affine.shift == nil else { return nil }
    affine.shift = vector
    return with(.norm(affine))
  }

  /// The sum of two forms.
  func plus(_ other: NormForm) -> NormForm? {
    // The scales are those of the same factor, because both forms come from it.
    guard layer == other.layer, case .scaled = kind, case .offset(let affine) = other.kind
    else { return nil }
    return with(.norm(affine))
  }

  /// A form times a vector.
  func times(_ vector: LayerChain.ChannelVector) -> NormForm? {
    switch kind {
    case .inverse(let epsilon): return with(.factor(Affine(epsilon: epsilon, scale: vector)))
    case .norm(var affine) where affine.scale == nil && affine.shift == nil:
      affine.scale = vector
      return with(.norm(affine))
    default: return nil
    }
  }

  /// The product of a layer's map and a form.
  static func product(_ layer: Int, _ form: NormForm) -> NormForm? {
    guard case .factor(let affine) = form.kind, layer == form.layer else { return nil }
    return form.with(.scaled(affine))
  }

  /// The product of two forms.
  func times(_ other: NormForm) -> NormForm? {
    guard layer == other.layer else { return nil }
    return switch (kind, other.kind) {
    case (.centered, .centered): with(.squares)
    case (.centered, .inverse(let epsilon)): with(.norm(Affine(epsilon: epsilon)))
    case (.centered, .factor(let affine)): with(.norm(affine))
    case (.mean, .factor(let affine)): with(.meanFactor(affine))
    default: nil
    }
  }

  /// The quotient of two forms.
  func divided(by other: NormForm) -> NormForm? {
    guard layer == other.layer, case .centered = kind, case .deviation(let epsilon) = other.kind
    else { return nil }
    return with(.norm(Affine(epsilon: epsilon)))
  }
}
