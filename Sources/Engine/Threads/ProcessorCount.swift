import Foundation

/// The number of processors that this process may use.
package enum ProcessorCount {
  /// The number of processors in the affinity mask, limited by the control groups' quotas; at
  /// least 1.
  package static var available: Int {
    func text(_ file: String) -> String {
      (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }
    // `ProcessInfo` counts the processors of the machine and ignores the mask.
    let affinity =
      affinity(status: text("/proc/self/status")) ?? ProcessInfo.processInfo.activeProcessorCount
    let membership = text("/proc/self/cgroup")
    let quota = quota(root: "/sys/fs/cgroup", membership: membership)
    return max(1, min(affinity, quota ?? affinity))
  }

  /// The number of processors in an affinity mask; nil if there is no mask.
  ///
  /// - Parameter status: the contents of /proc/self/status. Its line `Cpus_allowed:` has the
  ///   mask in hexadecimal digits, with a comma after every eight.
  package static func affinity(status: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    let digits = line.dropFirst(name.count).compactMap(\.hexDigitValue)
    return digits.isEmpty ? nil : digits.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// The smallest quota in whole processors, rounded up; nil if there is no quota.
  ///
  /// - Parameters:
  ///   - root: the mount point of control groups.
  ///   - membership: the contents of /proc/self/cgroup, lines of `number:controllers:/path`.
  ///     The controllers of version 2 are empty; of version 1, only lines with `cpu` matter.
  package static func quota(root: String, membership: String) -> Int? {
    func numbers(_ file: String) -> [Double] {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      return text.split(whereSeparator: \.isWhitespace).map { Double($0) ?? .infinity }
    }
    var limits: [[Double]] = []
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      // The limits of all enclosing groups apply. In a container, the path may be the host's;
      // the container's own limits are then at the root.
      var path = fields[2].split(separator: "/")
      repeat {
        let group = path.joined(separator: "/")
        if fields[1].isEmpty {
          limits.append(numbers("\(root)/\(group)/cpu.max"))
        } else if fields[1].split(separator: ",").contains("cpu") {
          let folder = "\(root)/cpu/\(group)"
          limits.append(
            numbers("\(folder)/cpu.cfs_quota_us") + numbers("\(folder)/cpu.cfs_period_us"))
        }
        if path.isEmpty { break }
        path.removeLast()
      } while true
    }
    let processors = limits.filter { $0.count == 2 && $0[0] > 0 && $0[1] > 0 }.map { $0[0] / $0[1] }
    return processors.min().flatMap { $0.isFinite ? Int($0.rounded(.up)) : nil }
  }
}
