import Engine
import Foundation
import Pictures
import Testing

@Suite struct ColorStatisticsTests {
  /// Correlated colors well within the range.
  private func picture(_ seed: UInt64, mean: SIMD3<Double>, spread: Double) -> Picture {
    var state = seed
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 31) - 0.5
    }
    var elements: [Float] = []
    for _ in 0..<40 * 50 {
      let (a, b, c) = (random(), random(), random())
      let color = mean + spread * SIMD3(a, 0.7 * a + 0.3 * b, 0.2 * a - 0.5 * b + 0.4 * c)
      elements += (0..<3).map { Float(color[$0]) }
    }
    return Picture(pixels: Tensor(shape: [40, 50, 3], elements: elements))
  }

  @Test func meanAndCovarianceAreThoseOfThePixels() {
    let pixels = Tensor(shape: [1, 2, 3], elements: [0, 0.5, 1, 1, 0.5, 0.5])
    let statistics = ColorStatistics(of: Picture(pixels: pixels))
    #expect(statistics.mean == SIMD3(0.5, 0.5, 0.75))
    #expect(
      statistics.covariance.columns
        == [SIMD3(0.25, 0, -0.125), SIMD3(0, 0, 0), SIMD3(-0.125, 0, 0.0625)])
    #expect(ColorStatistics(mixing: [(statistics, 3), (statistics, 1)]) == statistics)
  }

  @Test func aRecoloredPictureHasTheOthersStatistics() {
    let photo = picture(1, mean: SIMD3(0.5, 0.6, 0.4), spread: 0.3)
    let other = ColorStatistics(of: picture(2, mean: SIMD3(0.4, 0.4, 0.6), spread: 0.4))
    let result = ColorStatistics(of: photo.recolored(to: other))
    // What is added to both variances keeps the result from being exact.
    for channel in 0..<3 {
      #expect(abs(result.mean[channel] - other.mean[channel]) < 1e-4)
      let error = result.covariance.columns[channel] - other.covariance.columns[channel]
      #expect((error * error).sum().squareRoot() < 1e-3)
    }
    let half = ColorStatistics(of: photo.recolored(to: other, amount: 0.5))
    #expect(abs(half.mean[0] - 0.45) < 2e-3)
    #expect(photo.recolored(to: other, amount: 0) == photo)
  }

  /// Gray pictures have no spread across colors, and one color has none at all.
  @Test func flatAndGrayPicturesStayFinite() {
    let gray = Picture(
      pixels: Tensor(shape: [1, 4, 3], elements: (0..<12).map { Float($0 / 3) / 4 }))
    let flat = Picture(pixels: Tensor(shape: [2, 2, 3], repeating: 0.5))
    for (one, other) in [(gray, flat), (flat, gray), (flat, flat)] {
      let result = one.recolored(to: ColorStatistics(of: other))
      #expect(result.pixels.elements.allSatisfy { (0...1).contains($0) })
    }
  }

  @Test func aSquareRootSquaredIsTheMatrix() {
    let matrix = Matrix3(columns: [
      SIMD3(0.2, 0.1, 0), SIMD3(0.1, 0.09, 0.01), SIMD3(0, 0.01, 1e-4 + 0.02),
    ])
    let (root, inverse) = matrix.squareRoot()
    let (square, identity) = (root * root, root * inverse)
    for column in 0..<3 {
      for row in 0..<3 {
        #expect(abs(square.columns[column][row] - matrix.columns[column][row]) < 1e-9)
        #expect(abs(identity.columns[column][row] - (row == column ? 1 : 0)) < 1e-9)
      }
    }
  }

  @Test func aChangeInASmallPictureKeepsTheLargeOnesDetails() throws {
    let photo = picture(5, mean: SIMD3(0.5, 0.5, 0.5), spread: 0.3)
    let small = try photo.resized(to: PixelSize(width: 25, height: 20))
    func largestDifference(_ picture: Picture, plus shift: Float) -> Float {
      zip(picture.pixels.elements, photo.pixels.elements).map { abs($0 - $1 - shift) }.max()!
    }
    #expect(largestDifference(try photo.changed(as: small, from: small), plus: 0) < 1e-5)
    let brighter = Picture(
      pixels: Tensor(shape: small.pixels.shape, elements: small.pixels.elements.map { $0 + 0.1 }))
    #expect(largestDifference(try photo.changed(as: brighter, from: small), plus: 0.1) < 1e-4)
  }
}
