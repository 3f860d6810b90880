import Engine
import Foundation

/// Naive implementations of a graph's operations in double precision.
extension Naive {
  /// The position in `0..<length` that a padding reads for `place`; nil for zero padding.
  private static func source(_ place: Int, _ length: Int, _ padding: Padding) -> Int? {
    if 0..<length ~= place { return place }
    switch padding {
    case .zero: return nil
    case .replicate: return min(max(place, 0), length - 1)
    case .reflect:
      // Maps that are too short for mirroring are replicated.
      return min(max(place < 0 ? -place : 2 * (length - 1) - place, 0), length - 1)
    }
  }

  /// Correlates a map with a kernel `[outputs, inputs / groups, size, size]`.
  package static func convolution(
    _ map: Map, weights: [Double], bias: [Double]?, outputs: Int, size: Int, stride: Int,
    padding: EdgePadding, groups: Int
  ) -> Map {
    let height = (map.height + padding.top + padding.bottom - size) / stride + 1
    let width = (map.width + padding.left + padding.right - size) / stride + 1
    let (inputs, outputsOfGroup) = (map.channels / groups, outputs / groups)
    var values: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for output in 0..<outputs {
          var sum = bias?[output] ?? 0
          for dy in 0..<size {
            for dx in 0..<size {
              guard
                let row = source(y * stride + dy - padding.top, map.height, padding.mode),
                let column = source(x * stride + dx - padding.left, map.width, padding.mode)
              else { continue }
              for input in 0..<inputs {
                sum +=
                  weights[((output * inputs + input) * size + dy) * size + dx]
                  * map.value(row, column, output / outputsOfGroup * inputs + input)
              }
            }
          }
          values.append(sum)
        }
      }
    }
    return Map(height: height, width: width, channels: outputs, values: values)
  }

  /// Adds each input times its kernel `[inputs, outputs, size, size]` to the outputs at stride 2.
  ///
  /// The output has twice the height and width; `before` rows and columns are cut off at the top
  /// and left.
  package static func transposedConvolution(
    _ map: Map, weights: [Double], bias: [Double]?, outputs: Int, size: Int, before: Int
  ) -> Map {
    let (height, width) = (2 * map.height, 2 * map.width)
    var values = (0..<height * width * outputs).map { bias?[$0 % outputs] ?? 0 }
    for y in 0..<map.height {
      for x in 0..<map.width {
        for dy in 0..<size {
          for dx in 0..<size {
            let (row, column) = (2 * y + dy - before, 2 * x + dx - before)
            guard 0..<height ~= row, 0..<width ~= column else { continue }
            for input in 0..<map.channels {
              for output in 0..<outputs {
                values[(row * width + column) * outputs + output] +=
                  weights[((input * outputs + output) * size + dy) * size + dx]
                  * map.value(y, x, input)
              }
            }
          }
        }
      }
    }
    return Map(height: height, width: width, channels: outputs, values: values)
  }

  /// Applies a function to each value of each channel.
  package static func each(
    _ map: Map, _ function: (_ value: Double, _ channel: Int) -> Double
  ) -> Map {
    var result = map
    for index in map.values.indices {
      result.values[index] = function(map.values[index], index % map.channels)
    }
    return result
  }

  /// Combines each value of a map with the other map's value at the same position, or with its only
  /// value of the channel.
  package static func combined(
    _ a: Map, _ b: Map, _ function: (Double, Double) -> Double
  ) -> Map {
    var result = a
    for index in a.values.indices {
      result.values[index] = function(a.values[index], b.values[index % b.values.count])
    }
    return result
  }

  package static func instanceNorm(
    _ map: Map, epsilon: Double, scale: [Double], shift: [Double]
  ) -> Map {
    let all = (0..<map.channels).map { channel in
      stride(from: channel, to: map.values.count, by: map.channels).map { map.values[$0] }
    }
    return each(map) { value, channel in
      let mean = mean(all[channel])
      let variance = self.mean(all[channel].map { ($0 - mean) * ($0 - mean) })
      return scale[channel] * (value - mean) / (variance + epsilon).squareRoot() + shift[channel]
    }
  }

  /// Pools 2x2 windows at stride 2. Incomplete windows are pooled if `roundingUp`, else dropped.
  package static func windowPooling(
    _ map: Map, roundingUp: Bool, _ combine: ([Double]) -> Double
  ) -> Map {
    let more = roundingUp ? 1 : 0
    let (height, width) = ((map.height + more) / 2, (map.width + more) / 2)
    var values: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for channel in 0..<map.channels {
          var window: [Double] = []
          for row in 2 * y..<min(2 * y + 2, map.height) {
            for column in 2 * x..<min(2 * x + 2, map.width) {
              window.append(map.value(row, column, channel))
            }
          }
          values.append(combine(window))
        }
      }
    }
    return Map(height: height, width: width, channels: map.channels, values: values)
  }

  package static func globalPooling(_ map: Map, _ combine: ([Double]) -> Double) -> Map {
    let values = (0..<map.channels).map { channel in
      combine(stride(from: channel, to: map.values.count, by: map.channels).map { map.values[$0] })
    }
    return Map(height: 1, width: 1, channels: map.channels, values: values)
  }

  package static func upsampling(_ map: Map) -> Map {
    var values: [Double] = []
    for y in 0..<2 * map.height {
      for x in 0..<2 * map.width {
        for channel in 0..<map.channels { values.append(map.value(y / 2, x / 2, channel)) }
      }
    }
    return Map(
      height: 2 * map.height, width: 2 * map.width, channels: map.channels, values: values)
  }

  package static func slice(_ map: Map, _ channels: Range<Int>) -> Map {
    let values = map.values.indices.filter { channels ~= $0 % map.channels }.map {
      map.values[$0]
    }
    return Map(height: map.height, width: map.width, channels: channels.count, values: values)
  }
}
