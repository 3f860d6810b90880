import Engine
import Foundation
import Pictures
import Testing

/// Color methods against numpy; see make_color_fixtures.py.
@Suite struct ColorMatchingTests {
  private struct Fixture: Decodable {
    struct Pixels: Decodable {
      let height: Int
      let width: Int
      let values: [Int]
    }
    let source: Pixels
    let target: Pixels
    let sameSize: Pixels
    let drawing: Pixels
    let results: [String: [Float]]
  }

  private let fixture: Fixture

  init() throws {
    let url = Bundle.module.url(forResource: "Fixtures/color_matching", withExtension: "json")!
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
  }

  private func picture(_ pixels: Fixture.Pixels) -> Picture {
    Picture(
      pixels: Tensor(
        shape: [pixels.height, pixels.width, 3], elements: pixels.values.map { Float($0) / 255 }))
  }

  @Test(arguments: ColorMethod.allCases)
  func colorsAreNumpys(method: ColorMethod) throws {
    let other = method == .luminance ? fixture.sameSize : fixture.target
    let result = try picture(fixture.source).recolored(like: picture(other), method)
    let expected = try #require(fixture.results[method.rawValue])
    // The YIQ matrix in books has six digits.
    let tolerance: Float = method == .luminance ? 1e-4 : 2e-5
    let error = zip(result.pixels.elements, expected).map { abs($0 - $1) }.max()!
    #expect(error < tolerance, "\(error)")
  }

  /// White paper takes the middle of the other picture's values, not their maxima.
  @Test func tiedValuesHaveTheMeanOfTheirRanks() throws {
    for (name, source, target) in [
      ("drawing", fixture.drawing, fixture.target),
      ("likeDrawing", fixture.source, fixture.drawing),
    ] {
      let result = try picture(source).recolored(like: picture(target), .histogram)
      let expected = try #require(fixture.results[name])
      let error = zip(result.pixels.elements, expected).map { abs($0 - $1) }.max()!
      #expect(error < 2e-5, "\(name): \(error)")
    }
  }

  @Test(arguments: ColorMethod.allCases)
  func twoGrayPicturesStayGray(method: ColorMethod) throws {
    // A level of difference between the channels, as rounding profiles leave it.
    func gray(_ pixels: Fixture.Pixels, alpha: Bool) -> Picture {
      let values = (0..<pixels.values.count).map {
        Float(min(254, pixels.values[$0 / 3 * 3]) + $0 % 2) / 255
      }
      let shape = [pixels.height, pixels.width]
      return Picture(
        pixels: Tensor(shape: shape + [3], elements: values),
        alpha: alpha ? Tensor(shape: shape, repeating: 0.4) : nil)
    }
    for alpha in [false, true] {
      let result = try gray(fixture.source, alpha: alpha).recolored(
        like: gray(fixture.target, alpha: alpha), method
      ).pixels.elements
      #expect(result.indices.allSatisfy { result[$0] == result[$0 / 3 * 3] })
      #expect(Set(result).count > 10)
    }
    let colored = try gray(fixture.source, alpha: false).recolored(
      like: picture(fixture.target), method)
    #expect(!colored.isGray)
  }

  /// A pixel counts as much as it is opaque: twice the opacity is the same as twice the pixels.
  @Test(arguments: [ColorMethod.histogram, .cholesky, .pca])
  func opacityWeighsColors(method: ColorMethod) throws {
    func rows(_ pixels: Fixture.Pixels, _ counts: [Int]) -> Picture {
      let row = 3 * pixels.width
      let values = counts.enumerated().flatMap { y, count in
        Array(repeating: pixels.values[y * row..<(y + 1) * row], count: count).flatMap { $0 }
      }
      return Picture(
        pixels: Tensor(
          shape: [counts.reduce(0, +), pixels.width, 3], elements: values.map { Float($0) / 255 }))
    }
    let counts = [0, 1, 2, 0, 2, 1, 2]
    let whole = picture(fixture.target)
    let weighted = whole.withAlpha(
      Tensor(
        shape: [7, whole.width],
        elements: (0..<7 * whole.width).map { Float(counts[$0 / whole.width]) / 2 }))
    let repeated = rows(fixture.target, counts)
    let source = picture(fixture.source)
    func largest(_ a: [Float], _ b: [Float]) -> Float { zip(a, b).map { abs($0 - $1) }.max()! }
    #expect(
      largest(
        try source.recolored(like: weighted, method).pixels.elements,
        try source.recolored(like: repeated, method).pixels.elements) < 1e-5)
    // The colors of the picture itself are weighed too.
    let row = 3 * whole.width
    let own = try weighted.recolored(like: source, method).pixels.elements
    let other = try repeated.recolored(like: source, method).pixels.elements
    #expect(largest(Array(own[row..<2 * row]), Array(other[0..<row])) < 1e-5)
    #expect(largest(Array(own[6 * row..<7 * row]), Array(other[7 * row..<8 * row])) < 1e-5)
  }

  @Test(arguments: [ColorMethod.histogram, .cholesky, .pca, .luminance])
  func aPictureInItsOwnColorsIsItself(method: ColorMethod) throws {
    let source = picture(fixture.source)
    let result = try source.recolored(like: source, method)
    #expect(zip(result.pixels.elements, source.pixels.elements).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  @Test(arguments: ColorMethod.allCases)
  func flatPicturesStayFinite(method: ColorMethod) throws {
    let flat = Picture(pixels: Tensor(shape: [3, 5, 3], repeating: 0.25))
    for (one, other) in [(flat, picture(fixture.target)), (picture(fixture.source), flat)] {
      let result = try one.recolored(like: other, method)
      #expect(result.size == one.size)
      #expect(result.pixels.elements.allSatisfy { (0...1).contains($0) })
    }
  }

  /// Mean and deviation of luminance become the other's, as far as there is room for them.
  @Test func grayMatchesMeanAndDeviation() throws {
    func moments(_ picture: Picture) -> (mean: Double, deviation: Double) {
      let values = stride(from: 0, to: picture.pixels.elements.count, by: 3).map { i in
        let pixel = picture.pixels.elements[i..<i + 3].map(Double.init)
        return 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2]
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      return (mean, variance.squareRoot())
    }
    let other = picture(fixture.target)
    let result = moments(picture(fixture.source).grayMatched(to: other))
    #expect(abs(result.mean - moments(other).mean) < 1e-5)
    #expect(abs(result.deviation - moments(other).deviation) < 1e-5)
  }
}
