import Foundation

/// How many processors this process may use.
package enum ProcessorCount {
  /// The processors that its affinity mask names, and no more than its control groups'
  /// quotas pay for; at least 1.
  package static var available: Int {
    func text(_ file: String) -> String {
      (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
    }
    // `ProcessInfo` counts the processors of the machine, whatever the mask says.
    let affinity =
      affinity(status: text("/proc/self/status")) ?? ProcessInfo.processInfo.activeProcessorCount
    let membership = text("/proc/self/cgroup")
    let quota = quota(root: "/sys/fs/cgroup", membership: membership)
    return max(1, min(affinity, quota ?? affinity))
  }

  /// The processors of an affinity mask; nil if there is none.
  ///
  /// - Parameter status: the lines of /proc/self/status, one of which is
  ///   `Cpus_allowed:` with a mask in hexadecimal digits, a comma after every eight.
  package static func affinity(status: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else {
      return nil
    }
    let digits = line.dropFirst(name.count).compactMap(\.hexDigitValue)
    return digits.isEmpty ? nil : digits.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// The smallest quota in whole processors, rounded up; nil if there is none.
  ///
  /// - Parameters:
  ///   - root: where control groups are mounted.
  ///   - membership: the lines `number:controllers:/path` of /proc/self/cgroup. Version 2
  ///     has no controllers; of version 1 that of `cpu` counts.
  package static func quota(root: String, membership: String) -> Int? {
    func numbers(_ file: String) -> [Double] {
      let text = (try? String(contentsOfFile: file, encoding: .utf8)) ?? ""
      return text.split(whereSeparator: \.isWhitespace).map { Double($0) ?? .infinity }
    }
    var limits: [[Double]] = []
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      // A group is bound by all groups around it. In a container the path may be that of the
      // outer system; the container's own limits are then those of the root.
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
