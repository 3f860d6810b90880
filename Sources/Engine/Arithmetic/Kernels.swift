import CKernels
import Foundation

/// The innermost loops, compiled for one instruction set.
package struct Kernels: @unchecked Sendable {
  /// The table of C functions; static memory that never changes.
  let table: UnsafePointer<ck_kernels>

  package var name: String { String(cString: table.pointee.name) }
  var panelColumns: Int { table.pointee.panel_columns }
  var channelMultiple: Int { table.pointee.channel_multiple }

  /// The name without products of bfloat16: the variant gives the same bytes where they are not used.
  package var exactName: String { name.replacing("-bf16", with: "") }
  /// Whether the variant can multiply numbers of bfloat16.
  package var hasBFloat16: Bool { table.pointee.bfloat16 != nil }

  /// All variants that this processor can run, fastest first. The last emulates products of bfloat16.
  package static var available: [Kernels] {
    [
      ck_kernels_avx512_bf16(), ck_kernels_avx512(), ck_kernels_avx2(), ck_kernels_neon(),
      ck_kernels_plain(), ck_kernels_plain_bf16(),
    ].compactMap { $0.map(Kernels.init(table:)) }
  }

  /// The fastest variant, or the one named in the environment variable `IMPASTO_KERNELS`.
  ///
  /// Tests cover all variants; `neon` is tested under emulation.
  package static func chosen(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> Kernels {
    guard let wanted = environment["IMPASTO_KERNELS"] else {
      return available[0]
    }
    guard let kernels = available.first(where: { $0.name == wanted }) else {
      let names = available.map(\.name).joined(separator: ", ")
      throw KernelsError.notAvailable(wanted, available: names)
    }
    return kernels
  }
}

/// An error in the choice of kernels.
package enum KernelsError: Error, CustomStringConvertible {
  case notAvailable(String, available: String)

  package var description: String {
    switch self {
    case .notAvailable(let wanted, let available):
      "IMPASTO_KERNELS=\(wanted): this processor has no such kernels. Choose from: \(available)."
    }
  }
}
