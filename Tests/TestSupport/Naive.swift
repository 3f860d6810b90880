import Engine

/// A naive implementation of the network's operations in double precision, as a reference for the
/// engine.
package enum Naive {
  /// A map `[height, width, channels]`.
  package struct Map {
    package let height: Int
    package let width: Int
    package let channels: Int
    package var values: [Double]

    package init(height: Int, width: Int, channels: Int, values: [Double]) {
      precondition(values.count == height * width * channels)
      self.height = height
      self.width = width
      self.channels = channels
      self.values = values
    }

    /// A value of the map, or of its padding.
    package func value(_ y: Int, _ x: Int, _ channel: Int, _ padding: Padding = .zero) -> Double {
      if padding == .zero, !(0..<height ~= y && 0..<width ~= x) { return 0 }
      func inside(_ place: Int, _ length: Int) -> Int {
        guard padding == .reflect else { return min(max(place, 0), length - 1) }
        return place < 0 ? -place : place >= length ? 2 * (length - 1) - place : place
      }
      return values[(inside(y, height) * width + inside(x, width)) * channels + channel]
    }
  }

  /// Correlates a map with a kernel `[outputs, inputs, size, size]` at stride 1.
  package static func convolution(
    _ map: Map, weights: [Double], outputs: Int, size: Int, bias: [Double]? = nil,
    padding: Padding = .zero
  ) -> Map {
    var result = Map(
      height: map.height, width: map.width, channels: outputs,
      values: Array(repeating: 0, count: map.height * map.width * outputs))
    let reach = size / 2
    for y in 0..<map.height {
      for x in 0..<map.width {
        for output in 0..<outputs {
          var sum = bias?[output] ?? 0
          for input in 0..<map.channels {
            for dy in 0..<size {
              for dx in 0..<size {
                let weight = weights[((output * map.channels + input) * size + dy) * size + dx]
                sum += weight * map.value(y + dy - reach, x + dx - reach, input, padding)
              }
            }
          }
          result.values[(y * map.width + x) * outputs + output] = sum
        }
      }
    }
    return result
  }

  package static func relu(_ map: Map) -> Map {
    var map = map
    map.values = map.values.map { max($0, 0) }
    return map
  }

  /// Pools 2x2 windows at stride 2 and drops an odd last row or column.
  package static func pooling(_ map: Map, _ combine: ([Double]) -> Double) -> Map {
    let (height, width) = (map.height / 2, map.width / 2)
    var values: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<map.channels {
          values.append(
            combine([
              map.value(2 * y, 2 * x, channel), map.value(2 * y, 2 * x + 1, channel),
              map.value(2 * y + 1, 2 * x, channel), map.value(2 * y + 1, 2 * x + 1, channel),
            ]))
        }
      }
    }
    return Map(height: height, width: width, channels: map.channels, values: values)
  }

  package static func mean(_ window: [Double]) -> Double {
    window.reduce(0, +) / Double(window.count)
  }

  package static func largest(_ window: [Double]) -> Double { window.max()! }

  /// The Gram matrix `Fᵀ F / M`, `[channels, channels]`.
  package static func gram(_ map: Map) -> [Double] {
    let positions = map.height * map.width
    var result = [Double](repeating: 0, count: map.channels * map.channels)
    for position in 0..<positions {
      for i in 0..<map.channels {
        for j in 0..<map.channels {
          result[i * map.channels + j] +=
            map.values[position * map.channels + i] * map.values[position * map.channels + j]
            / Double(positions)
        }
      }
    }
    return result
  }

  package static func squaredDistance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }
}
