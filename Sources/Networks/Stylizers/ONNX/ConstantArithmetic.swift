import ModelFiles

/// The operations of ONNX on constants: those that exporters compute shapes, paddings and scales
/// with, and the dequantization of weights.
struct ConstantArithmetic {
  /// The number of elements that may still be computed, far more than exporters do. A hostile
  /// model could double a tensor with every node.
  private var budget = 1 << 25

  /// The result of a node whose inputs are all constants.
  ///
  /// - Parameter inputs: nil for an optional input that is absent.
  /// - Returns: nil for an operation that is not known, or that does not fit its inputs.
  mutating func result(of node: ONNXGraph.Node, _ inputs: [ONNXTensor?]) -> ONNXTensor? {
    guard let result = compute(node, inputs), result.count <= budget else { return nil }
    budget -= result.count
    return result
  }

  private func compute(_ node: ONNXGraph.Node, _ inputs: [ONNXTensor?]) -> ONNXTensor? {
    if node.operation == "Constant" { return Self.constant(node) }
    guard let first = inputs.first ?? nil else { return nil }
    let second = inputs.count > 1 ? inputs[1] : nil
    switch node.operation {
    case "Identity", "QuantizeLinear": return first
    case "Cast":
      // TensorProto.DataType: 1, 10, 11 and 16 are floating-point types.
      let isFloat = [1, 10, 11, 16].contains(node.integer("to") ?? 1)
      return isFloat ? ONNXTensor(shape: first.shape, .floats(first.floats)) : first.truncated
    case "DequantizeLinear":
      guard let second else { return nil }
      return first.dequantized(
        scale: second.floats, zero: (inputs.count > 2 ? inputs[2] : nil)?.floats,
        axis: node.integer("axis") ?? 1)
    case "ConstantOfShape":
      guard let shape = first.integers.flatMap(TensorShape.init), shape.count <= budget
      else { return nil }
      guard case .tensor(let value) = node.attributes["value"] else {
        return ONNXTensor(
          shape: shape.lengths, .floats([Float](repeating: 0, count: shape.count)))
      }
      return value.repeated(shape)
    case "Reshape":
      return second?.integers.flatMap { first.reshaped($0) }
    case "Unsqueeze":
      guard let axes = node.integers("axes") ?? second?.integers else { return nil }
      return first.unsqueezed(axes)
    case "Squeeze":
      let axes = node.integers("axes") ?? second?.integers
      let kept = first.shape.indices.filter { index in
        axes.map { !$0.contains(index) && !$0.contains(index - first.shape.count) }
          ?? (first.shape[index] != 1)
      }
      return first.reshaped(kept.map { first.shape[$0] })
    case "Transpose":
      return first.transposed(node.integers("perm") ?? first.shape.indices.reversed())
    case "Gather":
      guard let indices = second?.integers, let axis = first.axis(node.integer("axis") ?? 0)
      else { return nil }
      let gathered = first.taking(indices, axis: axis)
      guard second!.shape.isEmpty else { return gathered }
      var shape = first.shape
      shape.remove(at: axis)
      return gathered?.reshaped(shape)
    case "Slice": return Self.sliced(node, first, inputs)
    case "Concat":
      let all = inputs.compactMap(\.self)
      guard all.count == inputs.count, all.reduce(0, { $0 + $1.count }) <= budget
      else { return nil }
      return ONNXTensor.concatenated(all, axis: node.integer("axis") ?? 0)
    case "Floor": return first.mapped { $0.rounded(.down) }
    case "Ceil": return first.mapped { $0.rounded(.up) }
    case "Sqrt": return first.mapped { $0.squareRoot() }
    case "Reciprocal": return first.mapped { 1 / $0 }
    case "Neg": return first.combined(with: ONNXTensor(shape: [], .integers([-1])), *, &*)
    case "Add": return second.flatMap { first.combined(with: $0, +, &+) }
    case "Sub": return second.flatMap { first.combined(with: $0, -, &-) }
    case "Mul": return second.flatMap { first.combined(with: $0, *, &*) }
    case "Div":
      return second.flatMap { first.combined(with: $0, /) { $1 == 0 ? 0 : $0 / $1 } }
    default: return nil
    }
  }

  private static func constant(_ node: ONNXGraph.Node) -> ONNXTensor? {
    if case .tensor(let tensor) = node.attributes["value"] { return tensor }
    if let value = node.float("value_float") { return ONNXTensor(shape: [], .floats([value])) }
    if let value = node.integer("value_int") { return ONNXTensor(shape: [], .integers([value])) }
    if case .floats(let values) = node.attributes["value_floats"] {
      return ONNXTensor(shape: [values.count], .floats(values))
    }
    return node.integers("value_ints").map { ONNXTensor(shape: [$0.count], .integers($0)) }
  }

  private static func sliced(
    _ node: ONNXGraph.Node, _ tensor: ONNXTensor, _ inputs: [ONNXTensor?]
  ) -> ONNXTensor? {
    func list(_ name: String, _ place: Int) -> [Int]? {
      node.integers(name) ?? (place < inputs.count ? inputs[place]?.integers : nil)
    }
    guard let starts = list("starts", 1), let ends = list("ends", 2), starts.count == ends.count
    else { return nil }
    let axes = list("axes", 3) ?? Array(starts.indices)
    let steps = list("steps", 4) ?? starts.map { _ in 1 }
    guard axes.count == starts.count, steps.count == starts.count else { return nil }
    var result = tensor
    for ((start, end), (axis, step)) in zip(zip(starts, ends), zip(axes, steps)) {
      guard step != 0, step > -1 << 30, step < 1 << 30, let axis = result.axis(axis)
      else { return nil }
      let length = result.shape[axis]
      func place(_ value: Int, _ range: ClosedRange<Int>) -> Int {
        let value = value < 0 ? max(value, -(1 << 40)) + length : value
        return min(max(value, range.lowerBound), range.upperBound)
      }
      let (first, last) =
        step > 0
        ? (place(start, 0...length), place(end, 0...length))
        : (place(start, -1...max(length - 1, -1)), place(end, -1...max(length - 1, -1)))
      guard let next = result.taking(Array(stride(from: first, to: last, by: step)), axis: axis)
      else { return nil }
      result = next
    }
    return result
  }
}

extension ONNXTensor {
  /// The index of an axis that may count from the end; nil if there is none.
  fileprivate func axis(_ axis: Int) -> Int? {
    let index = axis < 0 ? axis + shape.count : axis
    return shape.indices.contains(index) ? index : nil
  }

  fileprivate func mapped(_ body: (Float) -> Float) -> ONNXTensor {
    ONNXTensor(shape: shape, .floats(floats.map(body)))
  }

  /// The elements as integers, rounded towards zero.
  fileprivate var truncated: ONNXTensor? {
    if integers != nil { return self }
    let values = floats.map { Int(exactly: $0.rounded(.towardZero)) }
    guard !values.contains(nil) else { return nil }
    return ONNXTensor(shape: shape, .integers(values.map { $0! }))
  }

  fileprivate func repeated(_ shape: TensorShape) -> ONNXTensor? {
    guard count == 1 else { return nil }
    return switch elements {
    case .floats(let values):
      ONNXTensor(
        shape: shape.lengths, .floats([Float](repeating: values[0], count: shape.count)))
    case .integers(let values):
      ONNXTensor(
        shape: shape.lengths, .integers([Int](repeating: values[0], count: shape.count)))
    }
  }

  /// The tensor in another shape, in which 0 keeps a length and -1 stands for the rest.
  func reshaped(_ lengths: [Int]) -> ONNXTensor? {
    guard let shape = Self.resolved(lengths, of: shape) else { return nil }
    return ONNXTensor(shape: shape, elements)
  }

  /// The lengths of a reshaped tensor; nil if they do not fit.
  static func resolved(_ lengths: [Int], of shape: [Int]) -> [Int]? {
    guard let old = TensorShape(shape), lengths.filter({ $0 == -1 }).count <= 1 else { return nil }
    var lengths = lengths
    for index in lengths.indices where lengths[index] == 0 {
      guard index < shape.count else { return nil }
      lengths[index] = shape[index]
    }
    if let open = lengths.firstIndex(of: -1) {
      lengths[open] = 1
      guard let rest = TensorShape(lengths), rest.count > 0 else { return nil }
      lengths[open] = old.count / rest.count
    }
    guard let new = TensorShape(lengths), new.count == old.count else { return nil }
    return lengths
  }

  fileprivate func unsqueezed(_ axes: [Int]) -> ONNXTensor? {
    let rank = shape.count + axes.count
    let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard rank <= 16, places.count == axes.count, places.allSatisfy({ 0..<rank ~= $0 })
    else { return nil }
    var rest = shape[...]
    return ONNXTensor(
      shape: (0..<rank).map { places.contains($0) ? 1 : rest.removeFirst() }, elements)
  }

  fileprivate func transposed(_ order: [Int]) -> ONNXTensor? {
    guard order.sorted() == Array(shape.indices) else { return nil }
    let lengths = order.map { shape[$0] }
    guard let size = TensorShape(lengths) else { return nil }
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    let steps = order.map { strides[$0] }
    let places = (0..<size.count).map { index in
      var (rest, place) = (index, 0)
      for axis in lengths.indices.reversed() {
        place += rest % lengths[axis] * steps[axis]
        rest /= lengths[axis]
      }
      return place
    }
    return ONNXTensor(shape: lengths, picked(places))
  }

  private func picked(_ places: [Int]) -> Elements {
    switch elements {
    case .floats(let values): .floats(places.map { values[$0] })
    case .integers(let values): .integers(places.map { values[$0] })
    }
  }

  /// The parts at indices along an axis, which may count from the end.
  fileprivate func taking(_ indices: [Int], axis: Int) -> ONNXTensor? {
    let length = shape[axis]
    let indices = indices.map { $0 < 0 ? $0 + length : $0 }
    var lengths = shape
    lengths[axis] = indices.count
    guard indices.allSatisfy({ 0..<length ~= $0 }), let size = TensorShape(lengths),
      size.count <= 1 << 22
    else { return nil }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let outer = shape[..<axis].reduce(1, *)
    var places: [Int] = []
    for block in 0..<outer {
      for index in indices {
        let start = (block * length + index) * inner
        places += start..<start + inner
      }
    }
    return ONNXTensor(shape: lengths, picked(places))
  }

  fileprivate static func concatenated(_ tensors: [ONNXTensor], axis: Int) -> ONNXTensor? {
    guard let first = tensors.first, let axis = first.axis(axis) else { return nil }
    func rest(_ tensor: ONNXTensor) -> [Int] {
      var lengths = tensor.shape
      if axis < lengths.count { lengths[axis] = 0 }
      return lengths
    }
    guard tensors.allSatisfy({ rest($0) == rest(first) }) else { return nil }
    var shape = first.shape
    shape[axis] = tensors.reduce(0) { $0 + $1.shape[axis] }
    let inner = first.shape[(axis + 1)...].reduce(1, *)
    let outer = first.shape[..<axis].reduce(1, *)
    func joined<Value>(_ values: [[Value]]) -> [Value] {
      (0..<outer).flatMap { block in
        zip(tensors, values).flatMap { tensor, values in
          let length = tensor.shape[axis] * inner
          return values[block * length..<(block + 1) * length]
        }
      }
    }
    let integers = tensors.compactMap(\.integers)
    return integers.count == tensors.count
      ? ONNXTensor(shape: shape, .integers(joined(integers)))
      : ONNXTensor(shape: shape, .floats(joined(tensors.map(\.floats))))
  }

  /// Combines the elements with those of a tensor of the same shape, or with a single number.
  fileprivate func combined(
    with other: ONNXTensor, _ floats: (Float, Float) -> Float, _ integers: (Int, Int) -> Int
  ) -> ONNXTensor? {
    let shape = count >= other.count ? self.shape : other.shape
    guard self.shape == other.shape || count == 1 || other.count == 1 else { return nil }
    func all<Value>(_ a: [Value], _ b: [Value], _ body: (Value, Value) -> Value) -> [Value] {
      (0..<max(a.count, b.count)).map { body(a[a.count == 1 ? 0 : $0], b[b.count == 1 ? 0 : $0]) }
    }
    guard count > 0, other.count > 0 else { return nil }
    if let a = self.integers, let b = other.integers {
      return ONNXTensor(shape: shape, .integers(all(a, b, integers)))
    }
    return ONNXTensor(shape: shape, .floats(all(self.floats, other.floats, floats)))
  }

  /// `(element - zero) · scale`, with one scale, or one for each part along an axis.
  fileprivate func dequantized(scale: [Float], zero: [Float]?, axis: Int) -> ONNXTensor? {
    let inner: Int
    if scale.count == 1 {
      inner = max(1, count)
    } else {
      guard let axis = self.axis(axis), shape[axis] == scale.count else { return nil }
      inner = shape[(axis + 1)...].reduce(1, *)
    }
    guard !scale.isEmpty, zero == nil || [1, scale.count].contains(zero!.count) else { return nil }
    let values = floats.enumerated().map { index, value in
      let part = index / inner % scale.count
      return (value - (zero.map { $0[$0.count == 1 ? 0 : part] } ?? 0)) * scale[part]
    }
    return ONNXTensor(shape: shape, .floats(values))
  }
}
