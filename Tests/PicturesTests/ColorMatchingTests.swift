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
