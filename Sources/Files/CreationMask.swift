import Foundation

/// The permissions that new files do not get.
enum CreationMask {
  /// The process' mask, read once. `umask` can only be read by setting it, which another thread
  /// that creates a file at that moment would notice; Linux has it in a file as well.
  static let own: mode_t = {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Umask:") }
    if let digits = line?.split(whereSeparator: \.isWhitespace).last,
      let mask = mode_t(digits, radix: 8)
    {
      return mask
    }
    let mask = umask(0)
    umask(mask)
    return mask
  }()
}
