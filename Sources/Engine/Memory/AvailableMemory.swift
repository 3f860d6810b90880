import Foundation

/// How much memory this process may still use.
package enum AvailableMemory {
  /// What the system has free or can free, and no more than what is left of the control
  /// group's limit.
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

  /// Version 2 of control groups, seen from inside a container.
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
