import Foundation

/// What reading a hostile file may take.
struct ResourceLimits {
  /// The most bytes that the file's numbers can be when unpacked.
  private let mostBytes: Int

  private static let seconds: rlim_t = 120
  /// What the program and its libraries need besides one layer's numbers.
  private static let ownMemory = 512 << 20
  /// The largest tensor of a network's convolutions, and room for what the libraries do with it.
  private static let layerMemory = 256 << 20
  /// Floats hardly get smaller; what grows more than this is made to fill memory and disk.
  private static let mostGrowth = 20

  /// - Parameter fileSize: of the file that will be read, in bytes.
  init(fileSize: Int) {
    let (bytes, overflow) = fileSize.multipliedReportingOverflow(by: Self.mostGrowth)
    mostBytes = min(overflow ? .max : bytes, 1 << 32) + (1 << 20)
  }

  /// Limits this process from now on. Only a child process should: they cannot be taken back.
  func set() {
    limit(RLIMIT_CPU, Self.seconds)
    limit(RLIMIT_FSIZE, rlim_t(mostBytes))
    limit(
      RLIMIT_AS, rlim_t(Self.addressSpace + Self.ownMemory + min(mostBytes, Self.layerMemory)))
    limit(RLIMIT_CORE, 0)
  }

  /// Makes sure that an array is not larger than its file allows.
  ///
  /// - Throws: `IsolatedReadingError`.
  func check(_ shape: [Int], of name: String) throws {
    guard Self.isCountable(shape), shape.reduce(4, *) <= mostBytes else {
      throw IsolatedReadingError("damaged: «\(name.prefix(80))» is larger than the file allows")
    }
  }

  /// Whether the elements of a shape can be counted.
  static func isCountable(_ shape: [Int]) -> Bool {
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow, product <= 1 << 40 else { return false }
      count = product
    }
    return true
  }

  /// What the process has mapped already, in bytes; Swift's runtime reserves much that it
  /// does not use.
  private static var addressSpace: Int {
    let statm = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    let pages = statm?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return pages * Int(getpagesize())
  }

  #if os(Linux)
    private func limit(_ resource: __rlimit_resource, _ value: rlim_t) {
      limit(Int32(resource.rawValue), value)
    }
  #endif

  private func limit(_ resource: Int32, _ value: rlim_t) {
    var limits = rlimit(rlim_cur: value, rlim_max: value)
    setrlimit(resource, &limits)
  }
}
