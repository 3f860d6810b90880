import Engine
import Pictures
import Testing

@Suite struct ContactSheetTests {
  private func picture(width: Int, height: Int, _ value: Float) -> Picture {
    Picture(pixels: Tensor(shape: [height, width, 3], repeating: value))
  }

  @Test func picturesStandInRowsWithTheirLabels() throws {
    let cells = (0..<5).map {
      ContactSheet.Cell(picture(width: 100, height: 60, Float($0) / 10), label: "cell \($0)")
    }
    let sheet = try ContactSheet(cells, columns: 3, cellSide: 50).picture()
    // Three cells of 50 and two rows of 30 with gaps and labels.
    #expect(sheet.width == 3 * 50 + 4 * 12)
    #expect(sheet.height > 2 * 30 + 3 * 12 && sheet.height < 180)
    func value(_ x: Int, _ y: Int) -> Float { sheet.pixels.elements[3 * (y * sheet.width + x)] }
    let step = (sheet.height - 12) / 2
    for i in 0..<5 {
      let (x, y) = (12 + i % 3 * 62 + 25, 12 + i / 3 * step + 15)
      #expect(abs(value(x, y) - Float(i) / 10) < 0.01)
    }
    // There is ink under the first picture, and none in the empty cell.
    func darkest(_ columns: Range<Int>, _ rows: Range<Int>) -> Float {
      rows.flatMap { y in columns.map { value($0, y) } }.min()!
    }
    #expect(darkest(12..<62, 43..<12 + step - 1) < 0.5)
    #expect(darkest(136..<186, 12 + step..<sheet.height) == 1)
  }

  @Test func longLabelsAreBrokenAndNeverCutOff() throws {
    let label = "style-weight=1000000 style-layers=conv1_1,conv2_1,conv3_1,conv4_1,conv5_1 <&>"
    let sheet = try ContactSheet(
      [.init(picture(width: 80, height: 40, 0.5), label: label), .init(nil, label: "")],
      columns: 9, cellSide: 80
    ).picture()
    #expect(sheet.width == 2 * 80 + 3 * 12)
    let margins = (0..<sheet.height).flatMap { y in
      [0, 5, 11, sheet.width - 1].map { sheet.pixels.elements[3 * (y * sheet.width + $0)] }
    }
    #expect(margins.allSatisfy { $0 == 1 })
  }

  @Test func labelsAreBrokenAfterCommasBeforeTheyAreShrunk() throws {
    func height(_ label: String) throws -> Int {
      try ContactSheet(
        [.init(picture(width: 120, height: 40, 0.5), label: label)], columns: 1, cellSide: 120
      ).picture().height
    }
    let line = try height("layers=conv1_1") - 40
    #expect(try height("conv1_1,conv2_1,conv3_1,conv4_1") > 40 + line)
    // Without a comma, it is shrunk to one line.
    #expect(try height("conv1_1conv2_1conv3_1conv4_1") == 40 + line)
  }
}
