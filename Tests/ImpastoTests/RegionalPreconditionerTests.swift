import Engine
import Impasto
import TestSupport
import Testing

@Suite struct RegionalPreconditionerTests {
  private func scales(_ gradient: [Float], height: Int, width: Int) -> [Float] {
    let space = VectorSpace(
      count: gradient.count, workspace: Workspace(kernels: Kernels.available[0]))
    let scales = space.take()
    RegionalPreconditioner(height: height, width: width)
      .setScales(scales, gradient: FloatBuffer(gradient), in: space)
    return scales.elements
  }

  /// At odd sizes, the last blocks are smaller.
  @Test(arguments: [(8, 8), (1, 1), (17, 30), (9, 64)])
  func anEvenGradientIsScaledEvenly(height: Int, width: Int) {
    let scales = scales(
      [Float](repeating: -0.25, count: height * width * 3), height: height, width: width)
    #expect(scales.allSatisfy { abs($0 - 1 / 1.1) < 1e-6 })
  }

  @Test func smoothRegionsGainAndProportionsDoNotDependOnTheGradientsSize() {
    let (height, width) = (40, 80)
    let gradient = (0..<height * width * 3).map { i -> Float in
      let isBusy = i / 3 % width >= width / 2
      return (isBusy ? 10 : 1) * (i % 2 == 0 ? 1 : -1)
    }
    let first = scales(gradient, height: height, width: width)
    // The sizes are 1 and 10, plus a tenth of their mean, far from the border between the regions.
    #expect(abs(first[0] / first[(width - 1) * 3] - 10.58 / 1.58) < 0.2)
    let second = scales(gradient.map { 1e-6 * $0 }, height: height, width: width)
    #expect(relativeError(first, second) < 1e-4)
  }

  @Test func noGradientIsScaledByOne() {
    #expect(scales([0, 0, 0], height: 1, width: 1) == [1, 1, 1])
  }
}
