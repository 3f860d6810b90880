/// The function that a pooling layer applies to each 2x2 window.
public enum Pooling: String, Sendable, Hashable, CaseIterable {
  /// The window's mean, which Gatys et al. (2015) found to look better.
  case average = "avg"
  /// The window's largest value, as VGG was trained.
  case max
}

/// Pooling of 2x2 windows with stride 2. An odd map's last row or column is dropped, or gets its
/// own windows if sizes are rounded up.
extension Pooling {
  /// The size of the output for a given input.
  package func outputShape(of input: MapShape, roundingUp: Bool = false) -> MapShape {
    let more = roundingUp ? 1 : 0
    return MapShape(
      height: (input.height + more) / 2, width: (input.width + more) / 2,
      channels: input.channels)
  }

  /// The factor between the gradient of a pooled value and those of its window's values that
  /// receive it.
  var gradientScale: Float { self == .average ? 0.25 : 1 }

  /// Pools a map.
  package func forward(
    _ input: UnsafePointer<Float>, _ shape: MapShape, roundingUp: Bool = false,
    into output: UnsafeMutablePointer<Float>, workspace: Workspace
  ) {
    let pooled = outputShape(of: shape, roundingUp: roundingUp)
    let (channels, row) = (shape.channels, shape.width * shape.channels)
    workspace.parallel(pooled.height) { y in
      for x in 0..<pooled.width {
        let a = input + 2 * y * row + 2 * x * channels
        // Repeating the values of a window at the edge changes neither the mean nor the largest
        // value.
        let right = 2 * x + 1 < shape.width ? channels : 0
        let below = 2 * y + 1 < shape.height ? row : 0
        let (b, c, d) = (a + right, a + below, a + right + below)
        let to = output + (y * pooled.width + x) * channels
        switch self {
        case .average: for k in 0..<channels { to[k] = 0.25 * ((a[k] + b[k]) + (c[k] + d[k])) }
        case .max:
          for k in 0..<channels { to[k] = Swift.max(Swift.max(a[k], b[k]), Swift.max(c[k], d[k])) }
        }
      }
    }
  }

  /// Computes the backward pass of a ReLU and the pooling layer after it, in place.
  ///
  /// - Parameters:
  ///   - gradient: the gradient with respect to the pooled map.
  ///   - map: the ReLU's output of the given shape; replaced by the gradient with respect to the
  ///     ReLU's input.
  ///   - loss: the gradient of a loss with respect to the ReLU's output, which is added.
  package func backward(
    _ gradient: UnsafePointer<Float>, replacing map: UnsafeMutablePointer<Float>, _ shape: MapShape,
    roundingUp: Bool = false, adding loss: LocalGradient?, workspace: Workspace
  ) {
    let pooled = outputShape(of: shape, roundingUp: roundingUp)
    let (channels, row) = (shape.channels, shape.width * shape.channels)
    workspace.parallel((shape.height + 1) / 2, scratch: 2 * row) { y, scratch in
      var addend: UnsafePointer<Float>?
      if let loss {
        let positions = 2 * y * shape.width..<Swift.min(2 * y + 2, shape.height) * shape.width
        loss.write(
          at: positions, of: map, channels: channels, to: scratch, kernels: workspace.kernels)
        addend = UnsafePointer(scratch - 2 * y * row)
      }
      for x in 0..<(shape.width + 1) / 2 {
        let offset = 2 * y * row + 2 * x * channels
        guard y < pooled.height, x < pooled.width else {
          // The pooling drops these values, so their gradient is that of the loss.
          for dy in 0..<Swift.min(2, shape.height - 2 * y) {
            for dx in 0..<Swift.min(2, shape.width - 2 * x) {
              let place = offset + dy * row + dx * channels
              for k in place..<place + channels { map[k] = map[k] > 0 ? addend?[k] ?? 0 : 0 }
            }
          }
          continue
        }
        let from = gradient + (y * pooled.width + x) * channels
        guard 2 * y + 1 < shape.height, 2 * x + 1 < shape.width else {
          let places =
            2 * y + 1 < shape.height
            ? [offset, offset + row]
            : 2 * x + 1 < shape.width ? [offset, offset + channels] : [offset]
          cutBackward(from, map, places, channels, addend)
          continue
        }
        let offsets = (offset, offset + channels, offset + row, offset + row + channels)
        switch self {
        case .average: Self.averageBackward(from, map, offsets, channels, addend)
        case .max: Self.maxBackward(from, map, offsets, channels, addend)
        }
      }
    }
  }

  /// Computes the backward pass for a window at the edge of the map.
  private func cutBackward(
    _ gradient: UnsafePointer<Float>, _ map: UnsafeMutablePointer<Float>, _ places: [Int],
    _ channels: Int, _ addend: UnsafePointer<Float>?
  ) {
    for k in 0..<channels {
      let values = places.map { map[$0 + k] }
      let first = values.firstIndex(of: values.max()!)!
      for (i, place) in places.enumerated() {
        let share: Float =
          switch self {
          case .average: gradient[k] / Float(places.count)
          case .max: i == first ? gradient[k] : 0
          }
        map[place + k] = values[i] > 0 ? share + (addend?[place + k] ?? 0) : 0
      }
    }
  }

  private static func averageBackward(
    _ gradient: UnsafePointer<Float>, _ map: UnsafeMutablePointer<Float>,
    _ offsets: (Int, Int, Int, Int), _ channels: Int, _ addend: UnsafePointer<Float>?
  ) {
    typealias Lanes = SIMD8<Float>
    let whole = channels / Lanes.scalarCount * Lanes.scalarCount
    func spread(_ offset: Int) {
      // Explicit vectors: the compiler does not vectorize, as the map could alias the gradients.
      for k in stride(from: 0, to: whole, by: Lanes.scalarCount) {
        var value = 0.25 * UnsafeRawPointer(gradient + k).loadUnaligned(as: Lanes.self)
        if let addend {
          value += UnsafeRawPointer(addend + offset + k).loadUnaligned(as: Lanes.self)
        }
        let to = UnsafeMutableRawPointer(map + offset + k)
        let isOff = to.loadUnaligned(as: Lanes.self) .<= 0
        to.storeBytes(of: value.replacing(with: 0, where: isOff), as: Lanes.self)
      }
      for k in whole..<channels {
        let value = 0.25 * gradient[k] + (addend?[offset + k] ?? 0)
        map[offset + k] = map[offset + k] > 0 ? value : 0
      }
    }
    spread(offsets.0)
    spread(offsets.1)
    spread(offsets.2)
    spread(offsets.3)
  }

  /// Routes the gradient to the first of the largest values, as in PyTorch.
  private static func maxBackward(
    _ gradient: UnsafePointer<Float>, _ map: UnsafeMutablePointer<Float>,
    _ offsets: (Int, Int, Int, Int),
    _ channels: Int, _ addend: UnsafePointer<Float>?
  ) {
    for k in 0..<channels {
      let (ia, ib, ic, id) = (offsets.0 + k, offsets.1 + k, offsets.2 + k, offsets.3 + k)
      let (a, b, c, d) = (map[ia], map[ib], map[ic], map[id])
      let top = Swift.max(Swift.max(a, b), Swift.max(c, d))
      let isA = a == top
      let isB = !isA && b == top
      let isC = !isA && !isB && c == top
      let isD = !isA && !isB && !isC
      let other = addend.map { ($0[ia], $0[ib], $0[ic], $0[id]) } ?? (0, 0, 0, 0)
      map[ia] = a > 0 ? other.0 + (isA ? gradient[k] : 0) : 0
      map[ib] = b > 0 ? other.1 + (isB ? gradient[k] : 0) : 0
      map[ic] = c > 0 ? other.2 + (isC ? gradient[k] : 0) : 0
      map[id] = d > 0 ? other.3 + (isD ? gradient[k] : 0) : 0
    }
  }
}
