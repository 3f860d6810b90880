/// The roughness of a picture: the sum of squared differences of horizontal and
/// vertical neighbours (Mahendran and Vedaldi 2015, equation 4 with β = 2).
struct TotalVariation: Sendable {
  let height: Int
  let width: Int

  /// Pictures are `[height, width, 3]`.
  func value(_ image: UnsafePointer<Float>) -> Double {
    let row = 3 * width
    var total = 0.0
    for y in 0..<height {
      let line = image + y * row
      var sum: Float = 0
      for i in 0..<row - 3 {
        let difference = line[i + 3] - line[i]
        sum += difference * difference
      }
      if y + 1 < height {
        for i in 0..<row {
          let difference = line[i + row] - line[i]
          sum += difference * difference
        }
      }
      total += Double(sum)
    }
    return total
  }

  /// Adds `scale` times the gradient.
  func addGradient(
    _ image: UnsafePointer<Float>, scale: Float, to gradient: UnsafeMutablePointer<Float>
  ) {
    let row = 3 * width
    let twice = 2 * scale
    for y in 0..<height {
      let line = image + y * row
      let to = gradient + y * row
      for i in 0..<row - 3 {
        let change = twice * (line[i + 3] - line[i])
        to[i + 3] += change
        to[i] -= change
      }
      guard y + 1 < height else { continue }
      for i in 0..<row {
        let change = twice * (line[i + row] - line[i])
        to[i + row] += change
        to[i] -= change
      }
    }
  }
}
