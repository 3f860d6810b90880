/// The duration of one step of a plan.
package struct StepTime {
  package enum Part: Sendable {
    case forward, gram
    /// The gradients of parameters.
    case parameters
    /// The gradients of the step's inputs.
    case backward
  }

  /// The value that the step computes.
  package let output: Graph.Value
  /// The names of the step's nodes, or their kinds.
  package let name: String
  package let part: Part
  package let duration: Duration
  /// The operations of the direct method: two for each weight of a convolution and position.
  package let operations: Double
}
