/// The optimiser of a transfer with its settings.
public enum OptimizerChoice: Sendable, Hashable {
  /// Limited-memory BFGS with a strong-Wolfe line search, preconditioned by regions
  /// of the picture.
  case lbfgs(history: Int = 8)
  case adam(learningRate: Float = 0.02)
  case gradientDescent(learningRate: Float)

  /// The optimiser for pictures of one size.
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
