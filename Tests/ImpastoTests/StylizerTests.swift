import Engine
import Foundation
import Impasto
import Networks
import TestSupport
import Testing

/// One-pass results as pictures: tiles, strength and mistakes.
@Suite struct StylizerTests {
  private func photo(_ width: Int, _ height: Int) -> Picture {
    var random = SmallRandom(3)
    // Smooth, with structure at several scales.
    let phases = (0..<12).map { _ in Float.random(in: 0...6, using: &random) }
    let elements = (0..<height).flatMap { y in
      (0..<width).flatMap { x in
        (0..<3).map { channel -> Float in
          let a =
            sin(Float(x) * 0.21 + phases[channel]) * cos(Float(y) * 0.13 + phases[channel + 3])
          let b = sin(Float(x + 2 * y) * 0.031 + phases[channel + 6])
          return 0.5 + 0.25 * a + 0.2 * b
        }
      }
    }
    return Picture(pixels: Tensor(shape: [height, width, 3], elements: elements))
  }

  /// Tiles with the statistics of the whole picture give the untiled result, at odd sizes too.
  @Test(
    arguments: ["johnson.pth", "rows.onnx", "variables", "arbitrary"], [(351, 283), (402, 390)])
  func tilesGiveTheWholeResult(name: String, size: (Int, Int)) throws {
    let network =
      name == "arbitrary"
      ? try StylizerNetwork(
        path: StylizerFiles.path("arbitrary.onnx"), predictor: StylizerFiles.path("predictor.onnx"))
      : try StylizerNetwork(path: StylizerFiles.path(name))
    let stylizer = try Stylizer(network)
    let photo = photo(size.0, size.1)
    let style: StylizerStyle =
      switch network.styles {
      case .single: .own
      case .several(let count): .blend((0..<count).map { $0 == 2 ? 1 : 0 })
      case .arbitrary: .painting(try stylizer.style(of: photo))
      }
    let whole = try stylizer.stylized(photo, style: style)
    let pixels = size.0 * size.1
    stylizer.memory = 24 * pixels + 4_500_000
    var parts: [Double] = []
    let tiled = try stylizer.stylized(photo, style: style) { parts.append($0) }
    #expect(parts.count > 4 && parts.last == 1)
    let error = zip(whole.pixels.elements, tiled.pixels.elements).map { abs($0 - $1) }.max()!
    #expect(error < 1e-4)
    #expect(whole != photo)
  }

  @Test func tooLittleMemoryIsAnError() throws {
    let stylizer = try Stylizer(StylizerNetwork(path: StylizerFiles.path("johnson.pth")))
    stylizer.memory = 1000
    #expect(throws: NetworkError.self) { try stylizer.stylized(photo(64, 64)) }
  }

  @Test func strengthBlends() throws {
    let stylizer = try Stylizer(StylizerNetwork(path: StylizerFiles.path("johnson.pth")))
    let photo = photo(40, 33)
    let full = try stylizer.stylized(photo)
    let half = try stylizer.stylized(photo, strength: 0.5)
    #expect(try stylizer.stylized(photo, strength: 0) == photo)
    for index in photo.pixels.elements.indices {
      let value = half.pixels.elements[index]
      #expect(value >= min(photo.pixels.elements[index], full.pixels.elements[index]) - 1e-6)
      #expect(value <= max(photo.pixels.elements[index], full.pixels.elements[index]) + 1e-6)
    }
    #expect(throws: SettingError.self) { try stylizer.stylized(photo, strength: 1.5) }
    #expect(throws: SettingError.self) { try stylizer.stylized(photo, style: .blend([1])) }
  }
}
