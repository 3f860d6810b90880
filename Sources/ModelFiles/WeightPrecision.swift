/// The precision of weights in a file.
public enum WeightPrecision: String, Sendable, CaseIterable {
  /// Two bytes a weight: features differ by less than 2e-3 of a layer's largest value.
  case half = "fp16"
  /// Four bytes a weight: the exact values of most files.
  case single = "fp32"

  var type: ElementType { self == .half ? .float16 : .float32 }
}
