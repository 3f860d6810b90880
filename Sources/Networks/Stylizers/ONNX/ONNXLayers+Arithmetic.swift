import ModelFiles

/// Sums, differences, products, quotients and powers of maps, of forms of norms and of constants.
extension ONNXLayers {
  mutating func sum(_ a: Value, _ b: Value) -> Value? {
    if let result = orderedSum(a, b) ?? orderedSum(b, a) { return result }
    guard let first = map(a), let second = map(b), first.padding == nil, second.padding == nil,
      first.isChannelsLast == second.isChannelsLast
    else { return nil }
    let shape = chain.layers[first.layer].shape
    guard shape == chain.layers[second.layer].shape else { return nil }
    // The later layer is the input, and the earlier one is what skips it.
    let (skipped, last) = (min(first.layer, second.layer), max(first.layer, second.layer))
    return .map(
      Map(
        layer: chain.add(.sum(skipped), input: last, shape: shape),
        isChannelsLast: first.isChannelsLast))
  }

  mutating func orderedSum(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), _):
      if let number = number(b), let sum = form.plus(number) { return .form(sum) }
      if let vector = vector(b, for: form.layer), let sum = form.plus(vector) { return .form(sum) }
      if case .form(let other) = b { return form.plus(other).map(Value.form) }
      return nil
    // Some exports add as good as nothing, to make a copy.
    case (.reshaped, .constant(let tensor)):
      return tensor.scalar.flatMap { abs($0) <= 1e-6 ? a : nil }
    case (.map(let map), .constant(let tensor)):
      if let number = tensor.scalar, chain.layers[map.layer].shape.channels > 1 {
        return added(.affine(scale: 1, offset: number), to: a)
      }
      guard case .constant(let bias)? = vector(b, for: map.layer), map.padding == nil,
        chain.addBias(bias, to: map.layer)
      else { return nil }
      return a
    default: return nil
    }
  }

  mutating func difference(_ a: Value, _ b: Value) -> Value? {
    if case .form(let form) = b {
      if case .map(let map) = a, map.padding == nil {
        return NormForm.difference(map.layer, form).map(Value.form)
      }
      guard let vector = vector(a, for: form.layer) else { return nil }
      return NormForm.difference(vector, form).map(Value.form)
    }
    guard case .map = a, let number = number(b) else { return nil }
    return added(.affine(scale: 1, offset: -number), to: a)
  }

  mutating func product(_ a: Value, _ b: Value) -> Value? {
    orderedProduct(a, b) ?? orderedProduct(b, a)
  }

  mutating func orderedProduct(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), .form(let other)): return form.times(other).map(Value.form)
    case (.map(let map), .form(let form)):
      return NormForm.product(map.layer, form).map(Value.form)
    case (.form(let form), _):
      return vector(b, for: form.layer).flatMap { form.times($0) }.map(Value.form)
    case (.style, .constant(let rows)) where rows.shape.count == 2: return .weightedRows(rows)
    case (.map, .constant(let tensor)):
      return tensor.scalar.flatMap { added(.affine(scale: $0, offset: 0), to: a) }
    default: return nil
    }
  }

  mutating func quotient(_ a: Value, _ b: Value) -> Value? {
    switch (a, b) {
    case (.form(let form), .form(let other)): form.divided(by: other).map(Value.form)
    case (.constant, .form(let form)): number(a) == 1 ? form.reciprocal.map(Value.form) : nil
    case (.map, .constant(let tensor)):
      tensor.scalar.flatMap { $0 == 0 ? nil : added(.affine(scale: 1 / $0, offset: 0), to: a) }
    default: nil
    }
  }

  func power(_ value: Value, _ exponent: Value?) -> Value? {
    guard case .form(let form) = value, let exponent = exponent.flatMap(number) else { return nil }
    return switch exponent {
    case 2: form.squared.map(Value.form)
    case 0.5: form.squareRoot.map(Value.form)
    case -0.5: form.squareRoot?.reciprocal.map(Value.form)
    default: nil
    }
  }
}
