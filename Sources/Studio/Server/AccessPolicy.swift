#if Studio
import Foundation

/// Who may use the studio.
struct AccessPolicy: Sendable {
  /// The address that the server listens on.
  let host: String
  let port: Int
  /// The secret that clients must know; nil on a loopback address.
  let token: String?

  /// Whether an address can be reached from this machine only.
  static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  /// A new secret.
  static func makeToken() -> String {
    (0..<4).map { _ in String(UInt64.random(in: 0...UInt64.max), radix: 36) }.joined()
  }

  /// Whether the text of a `Host` field names this server.
  ///
  /// A page of another site can make the browser send requests here by a name that it resolves to this
  /// machine (DNS rebinding), so names other than this machine's are refused. An address of numbers
  /// cannot be resolved to another one.
  func accepts(host field: String) -> Bool {
    guard let (name, port) = Self.parts(of: field), port == nil || port == self.port else {
      return false
    }
    if Self.isLoopback(name) { return true }
    if Self.isLoopback(host) { return false }
    return name == host || name == ProcessInfo.processInfo.hostName || Self.isNumeric(name)
  }

  /// Whether a page of an origin may change something.
  func accepts(origin: String) -> Bool {
    guard let url = URL(string: origin), url.scheme == "http" || url.scheme == "https",
      let name = url.host(percentEncoded: false)
    else { return false }
    let host = name.contains(":") ? "[\(name)]" : name
    return accepts(host: url.port.map { "\(host):\($0)" } ?? host)
  }

  /// Whether a client knows the secret. The time does not depend on where two texts differ.
  func accepts(token given: String?) -> Bool {
    guard let token else { return true }
    guard let given else { return false }
    let (own, other) = (Array(token.utf8), Array(given.utf8))
    var difference = own.count ^ other.count
    for index in own.indices {
      difference |= Int(own[index] ^ (index < other.count ? other[index] : 0))
    }
    return difference == 0
  }

  /// The name and the port of `name:port` and `[::1]:port`.
  private static func parts(of field: String) -> (name: String, port: Int?)? {
    let field = field.lowercased()
    let end = field.hasPrefix("[") ? field.firstIndex(of: "]").map(field.index(after:)) : nil
    let colon = field[(end ?? field.startIndex)...].firstIndex(of: ":")
    let name = field[..<(end ?? colon ?? field.endIndex)].filter { $0 != "[" && $0 != "]" }
    guard !name.isEmpty else { return nil }
    guard let colon else { return (name, nil) }
    guard let port = Int(field[field.index(after: colon)...]) else { return nil }
    return (name, port)
  }

  private static func isNumeric(_ name: String) -> Bool {
    var (four, six) = (in_addr(), in6_addr())
    return inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1
  }
}
#endif
