/// The optimizer of a transfer with its settings.
public enum OptimizerChoice: Sendable, Hashable {
  /// Limited-memory BFGS with a strong Wolfe line search and a preconditioner for regions of the
  /// picture.
  case lbfgs(history: Int = 8)
  case adam(learningRate: Float = Float(Self.adamLearningRate))
  case gradientDescent(learningRate: Float)

  /// The default step size of Adam, for pixels 0…1.
  public static let adamLearningRate = 0.02

  /// Makes the optimizer for pictures of one size.
  package func make(height: Int, width: Int) -> any Optimizer {
    switch self {
    case .lbfgs(let history):
      LBFGS(
        history: history, preconditioner: RegionalPreconditioner(height: height, width: width))
    case .adam(let learningRate): Adam(learningRate: learningRate)
    case .gradientDescent(let learningRate): GradientDescent(learningRate: learningRate)
    }
  }
}
