import Foundation

/// The memory that this process may still use.
package enum AvailableMemory {
  /// The bytes that are free or reclaimable, limited by what remains under the control group's
  /// limit.
  package static var bytes: Int {
    let system = systemBytes ?? Int(ProcessInfo.processInfo.physicalMemory / 2)
    return min(system, groupBytes ?? system)
  }

  private static var systemBytes: Int? {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map {
      $0 * 1024
    }
  }

  /// The bytes that remain under the control group's limit, read as inside a container (cgroup
  /// v2); nil without a limit.
  private static var groupBytes: Int? {
    func number(_ file: String) -> Int? {
      let text = try? String(contentsOfFile: "/sys/fs/cgroup/\(file)", encoding: .utf8)
      return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
    }
    guard let most = number("memory.max"), let current = number("memory.current") else {
      return nil
    }
    return max(0, most - current)
  }
}
