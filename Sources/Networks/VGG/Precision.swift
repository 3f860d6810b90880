/// The precision of a network's convolutions.
public enum Precision: String, Sendable, Hashable, CaseIterable {
  /// Single precision.
  case exact
  /// Products of bfloat16 with sums in single precision, where they do not harm the result, on processors
  /// that compute them at twice the rate (AVX-512 BF16). Other processors compute as with ``exact``.
  case fast
}
