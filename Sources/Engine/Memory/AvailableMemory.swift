import Foundation

/// The memory that this process may still use.
package enum AvailableMemory {
  /// The bytes that are free or reclaimable, limited by what remains under the control group's
  /// limit and the process's own limits (`ulimit -v` and `ulimit -d`).
  package static var bytes: Int {
    let system = systemBytes ?? Int(ProcessInfo.processInfo.physicalMemory / 2)
    return ([system, groupBytes].compactMap(\.self) + processBytes).min()!
  }

  /// A number of bytes for messages.
  package static func text(_ bytes: Double) -> String {
    bytes < 1e9
      ? "\(Int(bytes / 1e6)) MB"
      : String(format: bytes < 1e10 ? "%.1f GB" : "%.0f GB", bytes / 1e9)
  }

  private static var systemBytes: Int? {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map {
      $0 * 1024
    }
  }

  /// The bytes that remain under the control group's limit, read as inside a container (cgroup
  /// v2); nil without a limit. The cache of files counts as free, because it is given up first.
  private static var groupBytes: Int? {
    func text(_ file: String) -> String {
      (try? String(contentsOfFile: "/sys/fs/cgroup/\(file)", encoding: .utf8)) ?? ""
    }
    func number(_ file: String) -> Int? {
      Int(text(file).trimmingCharacters(in: .whitespacesAndNewlines))
    }
    guard let most = number("memory.max"), let current = number("memory.current") else {
      return nil
    }
    let cache = text("memory.stat").split(separator: "\n").compactMap { line -> Int? in
      let words = line.split(separator: " ")
      guard words.count == 2, ["active_file", "inactive_file"].contains(words[0]) else {
        return nil
      }
      return Int(words[1])
    }
    return max(0, most - current + cache.reduce(0, +))
  }

  /// The bytes that remain under the limits of the address space and of the data.
  private static var processBytes: [Int] {
    #if os(Linux)
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").compactMap { Int($0) }
    guard pages.count > 5 else { return [] }
    return [
      remaining(under: RLIMIT_AS, pages: pages[0]),
      remaining(under: RLIMIT_DATA, pages: pages[5]),
    ].compactMap(\.self)
    #else
    return []
    #endif
  }

  #if os(Linux)
  private static func remaining(under resource: __rlimit_resource, pages: Int) -> Int? {
    var limits = rlimit()
    guard getrlimit(Int32(resource.rawValue), &limits) == 0,
      let most = Int(exactly: limits.rlim_cur)
    else {
      return nil
    }
    return max(0, most - pages * Int(getpagesize()))
  }
  #endif
}
