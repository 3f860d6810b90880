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
    let extended = picture([[1, 2, 3], [4, 5, 6]]).extended(by: 2)
    #expect(
      extended
        == picture([
          [5, 4, 4, 5, 6, 6, 5], [2, 1, 1, 2, 3, 3, 2], [2, 1, 1, 2, 3, 3, 2],
          [5, 4, 4, 5, 6, 6, 5], [5, 4, 4, 5, 6, 6, 5], [2, 1, 1, 2, 3, 3, 2],
        ]))
  }

  @Test func aWideMarginIsMirroredAgain() {
    #expect(picture([[1, 2]]).extended(by: 3).pixels.shape == [7, 8, 3])
    #expect(
      picture([[1, 2]]).extended(by: 3)
        == picture(Array(repeating: [2, 2, 1, 1, 2, 2, 1, 1], count: 7)))
  }

  @Test(arguments: [0, 1, 2, 5])
  func croppingGivesThePictureBack(margin: Int) {
    let original = picture([[1, 2, 3], [4, 5, 6]])
    #expect(original.extended(by: margin).cropped(by: margin) == original)
  }
}
