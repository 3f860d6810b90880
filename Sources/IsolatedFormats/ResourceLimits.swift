import Foundation

/// Limits that this process sets itself before it touches a hostile file. Only a child process
/// should: they cannot be taken back.
enum ResourceLimits {
  private static let seconds: rlim_t = 120
  /// What the program and its libraries need besides one layer's numbers.
  private static let ownMemory = 512 << 20
  /// The largest tensor of a network's convolutions, and room for what the libraries do with it.
  private static let layerMemory = 256 << 20
  /// Floats hardly get smaller; what grows more than this is made to fill the disk.
  private static let mostGrowth = 20

  /// - Parameter fileSize: of the file that will be read, in bytes.
  static func set(forFileOf fileSize: Int) {
    // Of a file that grows, nothing that is kept can be larger than this.
    let unpacked = fileSize.multipliedReportingOverflow(by: mostGrowth)
    let growth = unpacked.overflow ? Int.max / 2 : unpacked.partialValue + (1 << 20)
    limit(RLIMIT_CPU, seconds)
    limit(RLIMIT_FSIZE, rlim_t(min(growth, 1 << 30)))
    limit(RLIMIT_AS, rlim_t(addressSpace + ownMemory + min(growth, layerMemory)))
    limit(RLIMIT_CORE, 0)
  }

  /// What the process has mapped already, in bytes; Swift's runtime reserves much that it
  /// does not use.
  private static var addressSpace: Int {
    let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = statm?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
  }

  #if os(Linux)
    private static func limit(_ resource: __rlimit_resource, _ value: rlim_t) {
      limit(Int32(resource.rawValue), value)
    }
  #endif

  private static func limit(_ resource: Int32, _ value: rlim_t) {
    var limits = rlimit(rlim_cur: value, rlim_max: value)
    setrlimit(resource, &limits)
  }
}
