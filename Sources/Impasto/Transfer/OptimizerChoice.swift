/// The optimiser of a transfer with its settings.
public enum OptimizerChoice: Sendable, Hashable {
  /// Limited-memory BFGS with a strong-Wolfe line search.
  case lbfgs(history: Int = 10)
  case adam(learningRate: Float = 0.02)
  case gradientDescent(learningRate: Float)

  func make() -> any Optimizer {
    switch self {
    case .lbfgs(let history): LBFGS(history: history)
    case .adam(let learningRate): Adam(learningRate: learningRate)
    case .gradientDescent(let learningRate): GradientDescent(learningRate: learningRate)
    }
  }
}
