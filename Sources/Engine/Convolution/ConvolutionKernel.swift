/// The linear map of a convolution, from a map x to a map y, and its derivatives.
protocol ConvolutionKernel: Sendable {
  /// Computes y from x, or adds it to `y`.
  ///
  /// - Parameter bias: one value per channel of y, added.
  func forward(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into y: UnsafeMutablePointer<Float>, _ yShape: MapShape,
    adding: Bool, workspace: Workspace)

  /// Applies the transposed map: computes the gradient with respect to x from the gradient with
  /// respect to y, or adds it to `x`.
  ///
  /// - Parameter bias: one value per channel of x, added.
  func transposed(
    _ y: UnsafePointer<Float>, _ yShape: MapShape, weights: UnsafePointer<Float>,
    bias: UnsafePointer<Float>?, into x: UnsafeMutablePointer<Float>, _ xShape: MapShape,
    adding: Bool, workspace: Workspace)

  /// Adds the gradient with respect to the weights.
  ///
  /// - Parameter upstream: the gradient with respect to y.
  func addWeightGradient(
    _ x: UnsafePointer<Float>, _ xShape: MapShape, upstream: UnsafePointer<Float>,
    _ yShape: MapShape, into gradient: UnsafeMutablePointer<Float>, workspace: Workspace)
}
