import Foundation
import ModelFiles

/// The resources that reading an untrusted file may take.
struct ResourceLimits {
  /// The most bytes that the file's numbers can have after unpacking.
  private let mostBytes: Int

  private static let seconds: rlim_t = 120
  /// The memory in bytes of the program and its libraries, without a layer's numbers.
  private static let ownMemory = 512 << 20
  /// The memory in bytes for the largest convolution and for the libraries' work on it.
  private static let layerMemory = 256 << 20
  /// Floats hardly compress. A file that grows more than this is an attack on memory and disk.
  private static let mostGrowth = 20

  /// - Parameter fileSize: the size of the file in bytes.
  init(fileSize: Int) {
    let (bytes, overflow) = fileSize.multipliedReportingOverflow(by: Self.mostGrowth)
    mostBytes = min(overflow ? .max : bytes, 1 << 32) + (1 << 20)
  }

  /// Limits this process. The limits cannot be lifted, so only a child process should call it.
  func set() {
    limit(RLIMIT_CPU, Self.seconds)
    limit(RLIMIT_FSIZE, rlim_t(mostBytes))
    limit(
      RLIMIT_AS, rlim_t(Self.addressSpace + Self.ownMemory + min(mostBytes, Self.layerMemory)))
    limit(RLIMIT_CORE, 0)
  }

  /// Checks that an array is not larger than its file allows.
  ///
  /// - Throws: `IsolatedReadingError`.
  func check(_ shape: TensorShape, of name: String) throws {
    guard shape.count * MemoryLayout<Float>.size <= mostBytes else {
      throw IsolatedReadingError("'\(name.prefix(80))' is larger than the file allows")
    }
  }

  /// The size in bytes of the memory that the process has mapped. Swift's runtime reserves
  /// much of it without use.
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
