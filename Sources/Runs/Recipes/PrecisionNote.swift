import Engine
import Impasto

extension Precision {
  /// A sentence about a fast precision that the kernels of this run do not have; nil if they do.
  ///
  /// - Throws: `KernelsError`.
  public func note() throws -> String? {
    let kernels = try Kernels.chosen()
    guard self == .fast, !kernels.hasBFloat16 else { return nil }
    return
      "The precision is exact: fast needs AVX-512 BF16, and the kernels of this run are \(kernels.name)."
  }
}
