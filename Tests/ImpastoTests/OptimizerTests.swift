import Engine
import Foundation
import Impasto
import TestSupport
import Testing

@Suite struct OptimizerTests {
  /// The Rosenbrock function of two variables; its minimum is 0 at (1, 1).
  private func rosenbrock(_ point: [Float], _ gradient: inout [Float]) -> Double {
    let (x, y) = (Double(point[0]), Double(point[1]))
    gradient = [Float(-400 * x * (y - x * x) - 2 * (1 - x)), Float(200 * (y - x * x))]
    return 100 * (y - x * x) * (y - x * x) + (1 - x) * (1 - x)
  }

  /// A quadratic function whose curvatures differ by a factor of 1000.
  private func bowl(_ point: [Float], _ gradient: inout [Float]) -> Double {
    var value = 0.0
    for i in point.indices {
      let stiffness = pow(1000, Float(i) / Float(point.count - 1))
      gradient[i] = stiffness * (point[i] - 3)
      value += 0.5 * Double(stiffness) * pow(Double(point[i]) - 3, 2)
    }
    return value
  }

  /// Converts a function of arrays into a function of vectors.
  private typealias ArrayFunction = (_ point: [Float], _ gradient: inout [Float]) -> Double

  private func lifted(_ function: @escaping ArrayFunction) -> DifferentiableFunction<Void> {
    { point, gradient in
      var elements = [Float](repeating: 0, count: point.count)
      let value = function(point.elements, &elements)
      for (i, element) in elements.enumerated() { gradient.pointer[i] = element }
      return (value, ())
    }
  }

  private func space(_ count: Int) -> VectorSpace {
    VectorSpace(count: count, workspace: Workspace(kernels: Kernels.available[0]))
  }

  private func minimize(
    _ optimizer: some Optimizer, from start: [Float], steps: Int,
    _ function: @escaping ArrayFunction
  ) throws -> (values: [Double], point: [Float], evaluations: Int) {
    var optimizer = optimizer
    let space = space(start.count)
    let function = lifted(function)
    var iterate = try Iterate(FloatBuffer(start), function, in: space)
    var values = [iterate.value]
    var evaluations = 1
    var vectors = 0
    for number in 1...steps {
      let outcome = try optimizer.step(&iterate, function, in: space)
      // All memory is allocated by the first step.
      if number == 1 { vectors = space.allocated }
      #expect(space.allocated == vectors)
      evaluations += outcome.evaluations
      guard outcome.moved else { break }
      values.append(iterate.value)
    }
    return (values, iterate.point.elements, evaluations)
  }

  @Test func lbfgsSolvesRosenbrock() throws {
    let result = try minimize(LBFGS(), from: [-1.2, 1], steps: 60, rosenbrock)
    #expect(result.values.last! < 1e-8)
    #expect(abs(result.point[0] - 1) < 1e-3 && abs(result.point[1] - 1) < 1e-3)
  }

  @Test func lbfgsSolvesAnIllConditionedBowlAndNeverRises() throws {
    let result = try minimize(LBFGS(), from: (0..<50).map { Float($0 % 7) }, steps: 150, bowl)
    #expect(result.values.last! < 1e-4)
    #expect(zip(result.values, result.values.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test(arguments: [Float(1e-6), 1e-3, 10])
  func lbfgsFindsItsFirstStepAtAnyScale(firstChange: Float) throws {
    let result = try minimize(
      LBFGS(firstChange: firstChange), from: [50, -50, 20, 9], steps: 30, bowl)
    #expect(result.values.last! < 1e-3)
  }

  /// The minimum is at 3, and the function is undefined beyond 4: the line search must step back.
  @Test func lbfgsStepsBackFromWhereThereIsNoValue() throws {
    func walled(_ point: [Float], _ gradient: inout [Float]) -> Double {
      gradient[0] = 2 * (point[0] - 3)
      return point[0] > 4 ? .nan : pow(Double(point[0]) - 3, 2)
    }
    let result = try minimize(LBFGS(firstChange: 100), from: [0], steps: 20, walled)
    #expect(abs(result.point[0] - 3) < 1e-3)
  }

  @Test func lbfgsRefusesAGradientThatIsNotANumber() throws {
    func broken(_ point: [Float], _ gradient: inout [Float]) -> Double {
      gradient[0] = .nan
      return 1
    }
    var optimizer = LBFGS()
    let space = space(1)
    var iterate = try Iterate(FloatBuffer([1]), lifted(broken), in: space)
    #expect(throws: OptimizerError.notFinite) {
      try optimizer.step(&iterate, lifted(broken), in: space)
    }
  }

  @Test func lbfgsEndsAtTheMinimum() throws {
    var optimizer = LBFGS()
    let space = space(3)
    var iterate = try Iterate(FloatBuffer([3, 3, 3]), lifted(bowl), in: space)
    let outcome = try optimizer.step(&iterate, lifted(bowl), in: space)
    #expect(!outcome.moved && iterate.point.elements == [3, 3, 3])
  }

  /// The inverse of the function's own curvatures, which makes all axes equal.
  private struct BowlsInverse: Preconditioner {
    func setScales(_ scales: FloatBuffer, gradient: FloatBuffer, in space: VectorSpace) {
      for i in 0..<scales.count {
        scales.pointer[i] = pow(1000, -Float(i) / Float(scales.count - 1))
      }
    }
  }

  @Test func anExactPreconditionerSolvesABowlInAFewSteps() throws {
    let start = (0..<50).map { Float($0 % 7) }
    let plain = try minimize(LBFGS(), from: start, steps: 6, bowl)
    let known = try minimize(LBFGS(preconditioner: BowlsInverse()), from: start, steps: 6, bowl)
    #expect(plain.values.last! > 1 && known.values.last! < 1e-6)
  }

  /// A pair across the change would have a curvature that neither function has.
  @Test func lbfgsContinuesWithAnotherFunction() throws {
    func shifted(_ point: [Float], _ gradient: inout [Float]) -> Double {
      let value = bowl(point, &gradient)
      for i in gradient.indices { gradient[i] += 1000 }
      return value + 1000 * point.reduce(0) { $0 + Double($1) }
    }
    var optimizer = LBFGS()
    let space = space(5)
    var iterate = try Iterate(FloatBuffer([0, 1, 2, 4, 9]), lifted(shifted), in: space)
    for _ in 0..<5 { _ = try optimizer.step(&iterate, lifted(shifted), in: space) }
    optimizer.functionChanges(steepness: 1, in: space)
    iterate = try Iterate(iterate.point, lifted(bowl), in: space)
    for _ in 0..<25 where iterate.value > 1e-6 {
      _ = try optimizer.step(&iterate, lifted(bowl), in: space)
    }
    #expect(iterate.value < 1e-3)
  }

  @Test(arguments: [(40.0, 1), (1.0, 2)])
  func lbfgsWithTheCorrectSteepnessNeedsNoSearch(steepness: Double, least: Int) throws {
    func steep(_ point: [Float], _ gradient: inout [Float]) -> Double {
      let value = bowl(point, &gradient)
      for i in gradient.indices { gradient[i] *= 40 }
      return 40 * value
    }
    var optimizer = LBFGS()
    let space = space(5)
    var iterate = try Iterate(FloatBuffer([0, 1, 2, 4, 9]), lifted(bowl), in: space)
    for _ in 0..<3 { _ = try optimizer.step(&iterate, lifted(bowl), in: space) }
    optimizer.functionChanges(steepness: steepness, in: space)
    iterate = try Iterate(iterate.point, lifted(steep), in: space)
    let outcome = try optimizer.step(&iterate, lifted(steep), in: space)
    #expect(outcome.evaluations >= least && (steepness == 1 || outcome.evaluations == 1))
  }

  @Test func gradientDescentStepsAgainstTheGradient() throws {
    let result = try minimize(GradientDescent(learningRate: 0.1), from: [5], steps: 1) {
      point, gradient in
      gradient[0] = 2 * point[0]
      return Double(point[0] * point[0])
    }
    #expect(abs(result.point[0] - 4) < 1e-6 && abs(result.values[1] - 16) < 1e-4)
    #expect(result.evaluations == 2)
  }

  @Test func adamMovesByItsLearningRateAtFirst() throws {
    let result = try minimize(Adam(learningRate: 0.25), from: [5, -5], steps: 1, bowl)
    #expect(abs(result.point[0] - 4.75) < 1e-5 && abs(result.point[1] + 4.75) < 1e-5)
  }

  @Test(arguments: [0, 1, 2])
  func aValueThatIsNotFiniteStopsAndKeepsThePoint(kind: Int) throws {
    let optimizers: [any Optimizer] = [
      LBFGS(), Adam(learningRate: 1), GradientDescent(learningRate: 1),
    ]
    var optimizer = optimizers[kind]
    var calls = 0
    func breaking(_ point: FloatBuffer, _ gradient: FloatBuffer) -> (value: Double, detail: Int) {
      calls += 1
      gradient.pointer[0] = 1
      return (calls == 1 ? 1 : .nan, calls)
    }
    let space = space(1)
    var iterate = try Iterate(FloatBuffer([7]), breaking, in: space)
    #expect(throws: OptimizerError.notFinite) {
      try optimizer.step(&iterate, breaking, in: space)
    }
    #expect(iterate.point.elements == [7] && iterate.value == 1 && iterate.detail == 1)
    #expect(throws: OptimizerError.notFinite) {
      try Iterate(FloatBuffer([7]), { _, _ in (.infinity, ()) }, in: space)
    }
  }
}
