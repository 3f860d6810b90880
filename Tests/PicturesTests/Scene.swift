import Pictures

/// What the fixtures show: 6x4 colors, as pixels or as blocks.
enum Scene {
  /// The scene's color at a pixel, 0…255.
  static func color(_ x: Int, _ y: Int) -> [Float] { [Float(50 * x), Float(80 * y), 30] }

  /// The largest difference from the scene, 0…255, at the centers of its pixels.
  ///
  /// - Parameter first: the first column that counts.
  static func difference(_ picture: Picture, from first: Int = 0) -> Float {
    let (stepX, stepY) = (picture.width / 6, picture.height / 4)
    var worst: Float = 0
    for y in 0..<4 {
      for x in first..<6 {
        let i = ((y * stepY + stepY / 2) * picture.width + x * stepX + stepX / 2) * 3
        for channel in 0..<3 {
          let value = 255 * picture.pixels.elements[i + channel]
          worst = max(worst, abs(value - color(x, y)[channel]))
        }
      }
    }
    return worst
  }
}
