import Foundation
import Impasto
import Testing

@Suite struct ConvergenceTests {
  /// Ten iterations that gain less than a fiftieth are a plateau; a loss that falls by a
  /// hundredth each time is none, even if it rises now and then.
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
  func aBentLossIsSmoothAndNeverSteeper(loss: Double) {
    let huber = HuberLoss(threshold: 4)
    let difference = (huber.value(loss + 1e-4) - huber.value(loss - 1e-4)) / 2e-4
    #expect(abs(difference - huber.slope(loss)) < 1e-4)
    #expect(huber.slope(loss) <= 1)
    #expect(loss > 4 || huber.value(loss) == loss)
    #expect(HuberLoss().value(1e300) == 1e300)
  }

  /// At 900 with a threshold of 4: 2 · √3600 - 4.
  @Test func farAboveItsThresholdALossCountsLikeItsRoot() {
    #expect(HuberLoss(threshold: 4).value(900) == 116)
  }
}
