import Engine
import Foundation
import Pictures
import Testing

/// Transparent pictures: their colors are straight, and what is invisible has no effect.
@Suite struct TransparencyTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Two halves: red and visible at the left, and another color with an opacity at the right.
  private func halves(
    right: SIMD3<Float>, opacity: Float, width: Int = 12, height: Int = 7
  ) -> Picture {
    let isLeft = (0..<width * height).map { $0 % width < width / 2 }
    return Picture(
      pixels: Tensor(
        shape: [height, width, 3],
        elements: isLeft.flatMap { $0 ? [0.8, 0.2, 0.2] : [right.x, right.y, right.z] }),
      alpha: Tensor(shape: [height, width], elements: isLeft.map { $0 ? 1 : opacity }))
  }

  @Test(arguments: ["a.png", "a.tiff", "a.webp"])
  func colorsSurviveAFile(name: String) throws {
    let level = Float(1) / 255
    let picture = Picture(
      pixels: Tensor(
        shape: [16, 16, 3],
        elements: (0..<256).flatMap { _ in [200 * level, 40 * level, 40 * level] }),
      alpha: Tensor(shape: [16, 16], repeating: 128 * level))
    try picture.write(to: "\(folder)/\(name)")
    let read = try Picture(contentsOf: "\(folder)/\(name)")
    // WebP is lossy.
    let tolerance = name == "a.webp" ? 4 * level : level / 100
    #expect(
      zip(read.pixels.elements, picture.pixels.elements).allSatisfy { abs($0 - $1) <= tolerance })
    #expect(zip(read.alpha!.elements, picture.alpha!.elements).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func formatsWithoutTransparencyAreInFrontOfWhite() throws {
    try halves(right: SIMD3(0.2, 0.4, 0.6), opacity: 0.5, width: 32, height: 32).write(
      to: "\(folder)/a.jpg")
    let read = try Picture(contentsOf: "\(folder)/a.jpg")
    let corner = Array(
      read.pixels.elements[read.pixels.elements.count - 3..<read.pixels.elements.count])
    #expect(read.alpha == nil)
    #expect(zip(corner, [0.6, 0.7, 0.8]).allSatisfy { abs($0 - $1) < 0.02 })
  }

  @Test(arguments: [SIMD3<Float>(0, 0, 0), SIMD3(1, 1, 1), SIMD3(0, 1, 0)])
  func invisiblePixelsContinueTheVisibleOnes(hidden: SIMD3<Float>) throws {
    for size in [PixelSize(width: 12, height: 7), PixelSize(width: 1, height: 1)] {
      let path = "\(folder)/\(hidden.x)-\(hidden.y)-\(size).png"
      try halves(right: hidden, opacity: 0, width: size.width, height: size.height).write(to: path)
      let read = try Picture(contentsOf: path)
      let expected: [Float] = size.width == 1 ? [1, 1, 1] : [204.0 / 255, 51.0 / 255, 51.0 / 255]
      #expect(
        read.pixels.elements.enumerated().allSatisfy { abs($1 - expected[$0 % 3]) < 1e-5 })
    }
  }

  /// The continuation is smooth: neighbors differ by little, also where two colors meet.
  @Test func theContinuationHasNoEdges() throws {
    let (width, height) = (61, 33)
    let isVisible = (0..<width * height).map { $0 % width < 5 || $0 % width >= width - 5 }
    let picture = Picture(
      pixels: Tensor(
        shape: [height, width, 3],
        elements: isVisible.enumerated().flatMap { i, isVisible in
          Array(repeating: !isVisible ? Float(i % 2) : i % width < 5 ? 0.2 : 0.8, count: 3)
        }),
      alpha: Tensor(shape: [height, width], elements: isVisible.map { $0 ? 1 : 0 }))
    try picture.write(to: "\(folder)/bridge.png")
    let values = try Picture(contentsOf: "\(folder)/bridge.png").pixels.elements
    for i in 0..<width * height {
      if i % width > 0 { #expect(abs(values[3 * i] - values[3 * i - 3]) < 0.1) }
      if i >= width { #expect(abs(values[3 * i] - values[3 * (i - width)]) < 0.1) }
    }
  }

  /// Colors are resampled by their opacity, so that no hidden color appears at an edge.
  @Test(arguments: [PixelSize(width: 5, height: 3), PixelSize(width: 29, height: 18)])
  func hiddenColorsDoNotBleed(size: PixelSize) throws {
    let resized = try halves(right: SIMD3(0, 1, 0), opacity: 0).resized(to: size)
    for (i, opacity) in resized.alpha!.elements.enumerated() where opacity > 0.05 {
      #expect(abs(resized.pixels.elements[3 * i] - 0.8) < 0.02)
      #expect(abs(resized.pixels.elements[3 * i + 1] - 0.2) < 0.02)
    }
    #expect(
      try halves(right: SIMD3(0, 1, 0), opacity: 0).resized(to: size).alpha
        == halves(right: SIMD3(1, 1, 1), opacity: 0).resized(to: size).alpha)
  }

  @Test func sheetsShowPicturesInFrontOfWhite() throws {
    let picture = halves(right: SIMD3(0, 0, 0), opacity: 0, width: 40, height: 40)
    let sheet = try ContactSheet([.init(picture, label: "")], columns: 1).picture()
    let shown = sheet.cut(PixelSize(width: 40, height: 40), left: 12, top: 12)
    #expect(shown.pixels == picture.overWhite.pixels)
    #expect(Array(shown.pixels.elements[117..<120]) == [1, 1, 1])
  }
}
