import Engine
import TestSupport
import Testing

@Suite struct GramMatrixTests {
  /// Heights, widths and channels, with whole and partial panels.
  private static let shapes = [(5, 7, 3), (1, 1, 64), (6, 9, 32), (13, 17, 20), (31, 40, 96)]

  private func map(_ shape: (Int, Int, Int)) -> Naive.Map {
    var random = SmallRandom(5)
    let values = random.tensor([shape.0 * shape.1 * shape.2], in: 0...1).elements.map(Double.init)
    return Naive.Map(height: shape.0, width: shape.1, channels: shape.2, values: values)
  }

  @Test(arguments: shapes)
  func matrixIsTheMeanProductOfChannels(shape: (Int, Int, Int)) {
    let map = map(shape)
    let expected = Naive.gram(map).map(Float.init)
    for kernels in Kernels.available {
      let gram = GramMatrix(channels: map.channels, kernels: kernels)
      let values = FloatBuffer(map.values.map(Float.init))
      defer { withExtendedLifetime(values) {} }
      gram.update(
        values.pointer, positions: map.height * map.width, workspace: Workspace(kernels: kernels))
      #expect(relativeError(gram.elements.elements, expected) < 1e-6, "\(kernels.name)")
    }
  }

  /// With and without a guide, by which a position counts with its square.
  @Test(arguments: shapes)
  func meansAreThoseOfTheChannels(shape: (Int, Int, Int)) throws {
    let map = map(shape)
    var random = SmallRandom(8)
    let mask = random.tensor([map.height, map.width], in: 0.1...1)
    let own = GuidanceChannel(mask: mask, stride: 1, roundingUp: false)
    #expect(own != nil)
    for guide in [nil, own] {
      let weights = mask.elements.map { guide == nil ? 1 : Double($0) * Double($0) }
      let expected = (0..<map.channels).map { channel in
        let sum = weights.enumerated().reduce(0) {
          $0 + $1.element * map.values[$1.offset * map.channels + channel]
        }
        return Float(sum / weights.reduce(0, +))
      }
      for kernels in Kernels.available {
        let gram = GramMatrix(channels: map.channels, kernels: kernels)
        let values = FloatBuffer(map.values.map(Float.init))
        defer { withExtendedLifetime(values) {} }
        gram.update(
          values.pointer, positions: map.height * map.width, guide: guide,
          workspace: Workspace(kernels: kernels))
        #expect(relativeError(gram.means.elements, expected) < 1e-6, "\(kernels.name)")
      }
    }
  }

  @Test(arguments: shapes.filter { $0.0 * $0.1 * $0.2 < 5000 })
  func gradientIsThatOfTheSquaredDistance(shape: (Int, Int, Int)) {
    let map = map(shape)
    var random = SmallRandom(6)
    let channels = map.channels
    let upper = random.tensor([channels * channels]).elements
    let target = (0..<channels * channels).map {
      Double(upper[min($0, $0 % channels * channels + $0 / channels)])
    }
    let matrix = Naive.gram(map)
    // The gradient of ½ Σ (G - A)² with respect to F.
    let expected = centralDifferences(at: map.values, step: 1e-6) { values in
      let moved = Naive.Map(
        height: map.height, width: map.width, channels: channels, values: values)
      return 0.5 * Naive.squaredDistance(Naive.gram(moved), target)
    }
    for kernels in Kernels.available {
      let workspace = Workspace(kernels: kernels)
      let gram = GramMatrix(channels: channels, kernels: kernels)
      let values = FloatBuffer(map.values.map(Float.init))
      defer { withExtendedLifetime(values) {} }
      let gradient = FloatBuffer(count: map.values.count)
      let packed = PackedMatrix(depth: channels, columns: channels, kernels: kernels)
      gram.pack(
        derivative: { Float(matrix[$0 * channels + $1] - target[$0 * channels + $1]) },
        divisor: Double(map.height * map.width), into: packed, workspace: workspace)
      LocalGradient(statistics: .init(matrix: packed)).write(
        at: 0..<map.height * map.width, of: values.pointer, channels: channels,
        to: gradient.pointer, kernels: kernels)
      #expect(relativeError(gradient.elements, expected.map(Float.init)) < 1e-4, "\(kernels.name)")
    }
  }

  @Test func threadsDoNotChangeABit() {
    let map = map((31, 40, 96))
    let values = FloatBuffer(map.values.map(Float.init))
    defer { withExtendedLifetime(values) {} }
    let results = [1, 2, 7].map { threads in
      let gram = GramMatrix(channels: map.channels, kernels: Kernels.available[0])
      gram.update(
        values.pointer, positions: map.height * map.width,
        workspace: Workspace(kernels: Kernels.available[0], threads: threads))
      return gram.elements.elements.map(\.bitPattern)
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
