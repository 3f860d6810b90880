/// Approximates the gradient of a function by central differences.
package func centralDifferences(
  at point: [Double], step: Double = 1e-5, _ function: ([Double]) -> Double
) -> [Double] {
  var point = point
  return point.indices.map { i in
    let here = point[i]
    point[i] = here + step
    let above = function(point)
    point[i] = here - step
    let below = function(point)
    point[i] = here
    return (above - below) / (2 * step)
  }
}
