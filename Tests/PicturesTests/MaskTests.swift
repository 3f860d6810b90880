import Engine
import Pictures
import Testing

@Suite struct MaskTests {
  private let picture = Picture(
    pixels: Tensor(shape: [2, 2, 3], elements: (0..<12).map { Float($0) / 12 }))

  @Test func valuesAreLuminance() {
    let colors = Picture(
      pixels: Tensor(shape: [1, 3, 3], elements: [1, 0, 0, 0, 1, 0, 1, 1, 1]))
    #expect(Mask(colors).values.shape == [1, 3])
    #expect(
      zip(Mask(colors).values.elements, [0.299, 0.587, 1]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  private let opacity = Tensor(shape: [1, 4], elements: [0, 0.25, 1, 1])

  private func mask(_ values: [Float]) -> Mask {
    Mask(
      Picture(
        pixels: Tensor(shape: [1, 4, 3], elements: values.flatMap { [$0, $0, $0] }), alpha: opacity)
    )
  }

  /// Whatever the color is, also that of invisible pixels, the opacity has the shape.
  @Test(
    arguments: [[1, 1, 1, 1], [0, 0, 0, 0], [0.6, 0.6, 0.6, 0.6], [0.3, 1, 0.99, 1]] as [[Float]])
  func oneColorWithOpacityIsAShape(values: [Float]) {
    #expect(mask(values).values == opacity)
  }

  @Test func severalColorsCountAsFarAsTheyAreVisible() {
    let values = mask([1, 1, 0, 0.5]).values.elements
    #expect(zip(values, [0, 0.25, 0, 0.5]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func coverageIsTheMean() {
    #expect(Mask(picture.withAlpha(nil)).coverage > 0.3)
    #expect(abs(mask([1, 1, 1, 1]).coverage - 2.25 / 4) < 1e-6)
    #expect(Mask(Picture(pixels: Tensor(shape: [3, 3, 3], repeating: 0))).coverage == 0)
  }

  @Test func whiteIsReplacedAndBlackIsNot() {
    let other = Picture(pixels: Tensor(shape: [2, 2, 3], repeating: 1))
    let mask = Mask(
      Picture(
        pixels: Tensor(
          shape: [2, 2, 3], elements: [0, 0, 0, 1, 1, 1, 0.5, 0.5, 0.5, 0, 0, 0])))
    let result = picture.replaced(by: other, where: mask).pixels.elements
    #expect(Array(result[0..<3]) == Array(picture.pixels.elements[0..<3]))
    #expect(Array(result[3..<6]) == [1, 1, 1])
    #expect(abs(result[6] - (0.5 + picture.pixels.elements[6] / 2)) < 1e-6)
    #expect(Array(result[9..<12]) == Array(picture.pixels.elements[9..<12]))
  }

  /// The margin is the mirror image's, as a picture's is.
  @Test func masksGrowWithTheirPicture() {
    let wide = Mask(picture).extended(by: Margins(1))
    #expect(wide.size == PixelSize(width: 4, height: 4))
    #expect(wide == Mask(picture.extended(by: Margins(1))))
  }

  @Test func aCoveringPictureKeepsItsShapeAndMiddle() throws {
    // Columns of red 0, 0.2, 0.4 …: the middle of a wide picture.
    let wide = Picture(
      pixels: Tensor(
        shape: [4, 6, 3], elements: (0..<72).map { $0 % 3 == 0 ? Float($0 / 3 % 6) / 5 : 0 }))
    let square = try wide.covering(PixelSize(width: 4, height: 4))
    #expect(square.size == PixelSize(width: 4, height: 4))
    #expect((0..<4).allSatisfy { abs(square.pixels.elements[3 * $0] - Float($0 + 1) / 5) < 1e-6 })
    #expect(
      try wide.covering(PixelSize(width: 5, height: 9)).size == PixelSize(width: 5, height: 9))
  }
}
