import CVips
import Engine
import Foundation

/// Pictures side by side with a label under each.
public struct ContactSheet: Sendable {
  /// A picture with its label.
  public struct Cell: Sendable {
    /// The picture; nil if it is missing.
    public var picture: Picture?
    public var label: String

    /// Makes a cell.
    public init(_ picture: Picture?, label: String) {
      self.picture = picture
      self.label = label
    }
  }

  /// The cells, row by row.
  public let cells: [Cell]
  /// The number of cells in a row, at least 1.
  public let columns: Int
  /// The longest side of a picture in pixels.
  public let cellSide: Int

  private static let gap = 12
  private static let textHeight = 16

  /// Makes a sheet. Pictures larger than a cell are shrunk.
  public init(_ cells: [Cell], columns: Int, cellSide: Int = 256) {
    self.cells = cells
    self.columns = max(1, min(columns, cells.count))
    self.cellSide = cellSide
  }

  /// The sheet as a picture, dark on white.
  ///
  /// - Throws: `PictureError`.
  public func picture() throws -> Picture {
    let pictures = try cells.map { cell in
      try cell.picture.map {
        try $0.overWhite.resized(to: $0.size.fitted(within: cellSide))
      }
    }
    let sizes = pictures.compactMap { $0?.size }
    let width = sizes.map(\.width).max() ?? cellSide
    let height = sizes.map(\.height).max() ?? cellSide
    let labels = try cells.map { try Self.lines($0.label, width: width) }
    let labelHeight = (labels.map(\.count).max() ?? 0) * (Self.textHeight + 6)
    let (stepX, stepY) = (width + Self.gap, height + labelHeight + Self.gap)
    let rows = (cells.count + columns - 1) / columns
    var canvas = Canvas(
      size: PixelSize(
        width: columns * stepX + Self.gap, height: max(1, rows) * stepY + Self.gap))
    for (i, picture) in pictures.enumerated() {
      let (x, y) = (Self.gap + i % columns * stepX, Self.gap + i / columns * stepY)
      let shown = picture ?? Self.missing(PixelSize(width: width, height: height))
      canvas.place(shown, x: x + (width - shown.width) / 2, y: y)
      for (line, text) in labels[i].enumerated() {
        canvas.place(
          text, x: x + max(0, (width - text.size.width) / 2),
          y: y + height + 4 + line * (Self.textHeight + 6))
      }
    }
    return canvas.picture
  }

  private static func missing(_ size: PixelSize) -> Picture {
    Picture(pixels: Tensor(shape: [size.height, size.width, 3], repeating: 0.9))
  }

  /// Breaks a label into lines after spaces and commas. A piece that is too long is shrunk.
  private static func lines(_ label: String, width: Int) throws -> [TextLine] {
    func line(_ text: String) throws -> TextLine {
      try TextLine(text.trimmingCharacters(in: .whitespaces), height: textHeight)
    }
    var lines: [String] = []
    for piece in label.matches(of: /[^ ,]+[ ,]*/).map({ String($0.output) }) {
      if let last = lines.last, try line(last + piece).size.width <= width {
        lines[lines.count - 1] = last + piece
      } else {
        lines.append(piece)
      }
    }
    return try lines.map { try line($0).fitted(width: width) }
  }
}

/// A line of drawn text.
private struct TextLine {
  /// How much of each pixel is ink: `[height, width]`, 0…1.
  let ink: Tensor

  var size: PixelSize { PixelSize(width: ink.shape[1], height: ink.shape[0]) }

  init(_ text: String, height: Int) throws {
    var (width, drawnHeight) = (0, 0)
    var values: UnsafeMutableRawPointer?
    let failure = try VipsLibrary.call {
      cvips_draw_text(text, height, &width, &drawnHeight, &values)
    }
    if let failure { throw PictureError.unwritable(path: "label \"\(text)\"", reason: failure) }
    defer { cvips_free(values) }
    let bytes = values!.assumingMemoryBound(to: UInt8.self)
    ink = Tensor(
      shape: [drawnHeight, width],
      elements: (0..<width * drawnHeight).map { Float(bytes[$0]) / 255 })
  }

  private init(ink: Tensor) {
    self.ink = ink
  }

  /// The line, shrunk if it is wider than `width`.
  func fitted(width: Int) throws -> TextLine {
    guard size.width > width else { return self }
    let narrow = PixelSize(width: width, height: max(1, size.height * width / size.width))
    return TextLine(ink: try ink.resampled(to: narrow).clamped())
  }
}

/// A white surface for pictures and text.
private struct Canvas {
  private let size: PixelSize
  private var pixels: [Float]
  private static let inkColor: Float = 0.13

  init(size: PixelSize) {
    self.size = size
    pixels = Array(repeating: 1, count: 3 * size.width * size.height)
  }

  mutating func place(_ picture: Picture, x: Int, y: Int) {
    let row = 3 * picture.width
    let elements = picture.pixels.elements
    for line in 0..<picture.height {
      let start = 3 * ((y + line) * size.width + x)
      pixels.replaceSubrange(start..<start + row, with: elements[line * row..<(line + 1) * row])
    }
  }

  mutating func place(_ text: TextLine, x: Int, y: Int) {
    for line in 0..<min(text.size.height, size.height - y) {
      for column in 0..<min(text.size.width, size.width - x) {
        let ink = text.ink.elements[line * text.size.width + column]
        let start = 3 * ((y + line) * size.width + x + column)
        for i in start..<start + 3 { pixels[i] += ink * (Self.inkColor - pixels[i]) }
      }
    }
  }

  var picture: Picture {
    Picture(pixels: Tensor(shape: [size.height, size.width, 3], elements: pixels))
  }
}
