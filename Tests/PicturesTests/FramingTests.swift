import Engine
import Pictures
import Testing

@Suite struct FramingTests {
  /// A picture whose red channel holds these tenths; green and blue tell them from it.
  private func picture(_ rows: [[Float]]) -> Picture {
    let elements = rows.joined().flatMap { (value: Float) -> [Float] in
      [value / 10, 0.5, 1 - value / 10]
    }
    return Picture(pixels: Tensor(shape: [rows.count, rows[0].count, 3], elements: elements))
  }

  /// What `numpy.pad(…, mode="symmetric")` gives.
  @Test func theMarginIsTheMirrorImage() {
    let extended = picture([[1, 2, 3], [4, 5, 6]]).extended(by: Margins(2))
    #expect(
      extended
        == picture([
          [5, 4, 4, 5, 6, 6, 5], [2, 1, 1, 2, 3, 3, 2], [2, 1, 1, 2, 3, 3, 2],
          [5, 4, 4, 5, 6, 6, 5], [5, 4, 4, 5, 6, 6, 5], [2, 1, 1, 2, 3, 3, 2],
        ]))
  }

  @Test func aWideMarginIsMirroredAgain() {
    #expect(picture([[1, 2]]).extended(by: Margins(3)).pixels.shape == [7, 8, 3])
    #expect(
      picture([[1, 2]]).extended(by: Margins(3))
        == picture(Array(repeating: [2, 2, 1, 1, 2, 2, 1, 1], count: 7)))
  }

  /// Whatever the size, opposite margins differ by a pixel at most, and the whole is a multiple.
  @Test(arguments: 0..<33, [1, 8, 13])
  func marginsFillUpAMultiple(length: Int, width: Int) {
    let size = PixelSize(width: 100 + length, height: 200 - length)
    let margins = Margins(atLeast: width, around: size, multipleOf: 16)
    let whole = size.extended(by: margins)
    #expect(whole.width % 16 == 0 && whole.height % 16 == 0)
    #expect(whole.width < size.width + 2 * width + 16)
    #expect(whole.height < size.height + 2 * width + 16)
    #expect(min(margins.left, margins.top) >= width)
    #expect((0...1).contains(margins.right - margins.left))
    #expect((0...1).contains(margins.bottom - margins.top))
    #expect(whole.cropped(by: margins) == size)
  }

  @Test func transparencyIsFramedWithThePicture() {
    var margins = Margins(1)
    margins.right = 2
    let alpha = Tensor(shape: [1, 2], elements: [0.5, 1])
    let transparent = picture([[1, 2]]).withAlpha(alpha)
    let framed = transparent.extended(by: margins)
    #expect(
      framed.alpha?.elements == Array(repeating: [0.5, 0.5, 1, 1, 0.5], count: 3).flatMap { $0 })
    #expect(framed.cropped(by: margins) == transparent)
  }

  @Test(arguments: [0, 1, 2, 5])
  func croppingGivesThePictureBack(margin: Int) {
    let original = picture([[1, 2, 3], [4, 5, 6]])
    #expect(original.extended(by: Margins(margin)).cropped(by: Margins(margin)) == original)
  }
}
