/// The duration of one step of a plan.
package struct StepTime {
  package enum Part: Sendable {
    case forward, gram, backward
  }

  /// The value that the step computes.
  package let output: Graph.Value
  package let part: Part
  package let duration: Duration
}
