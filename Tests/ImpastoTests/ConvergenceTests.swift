import Foundation
import Impasto
import Testing

@Suite struct ConvergenceTests {
  /// Less than 2 % in ten iterations is a plateau. A loss that falls by 1 % in each iteration is
  /// not, even if it rises sometimes.
  @Test func aPlateauIsTenIterationsThatGainLittle() {
    var plateau = Plateau(tolerance: 0.02)
    let falling = (0..<40).map {
      plateau.isReached(after: pow(0.99, Double($0)) * ($0 % 4 == 3 ? 1.01 : 1))
    }
    #expect(!falling.contains(true))
    let flat = (0..<12).map { _ in plateau.isReached(after: pow(0.99, 39)) }
    #expect((7...11).contains(flat.firstIndex(of: true)!))
  }

  @Test(arguments: [0.5, 4, 4.001, 900])
  func aHuberLossIsSmoothAndNeverSteeper(loss: Double) {
    let huber = HuberLoss(threshold: 4)
    let difference = (huber.value(loss + 1e-4) - huber.value(loss - 1e-4)) / 2e-4
    #expect(abs(difference - huber.slope(loss)) < 1e-4)
    #expect(huber.slope(loss) <= 1)
    #expect(loss > 4 || huber.value(loss) == loss)
    #expect(HuberLoss().value(1e300) == 1e300)
  }

  /// The value is 2 · √(900 · 4) - 4 for a loss of 900 and a threshold of 4.
  @Test func aHuberLossGrowsLikeTheRootAboveItsThreshold() {
    #expect(HuberLoss(threshold: 4).value(900) == 116)
  }
}
