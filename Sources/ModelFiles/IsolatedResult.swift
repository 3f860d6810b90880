/// How the child process that reads a file says what it left there unread, and what else it
/// found: in the metadata of the safetensors file that it gives.
package enum IsolatedResult {
  private static let unread = "unread:"
  /// The type of tensors that were left.
  private static let unreadType = "unread"

  /// The metadata for a tensor that was left unread.
  package static func metadata(unread name: String, shape: [Int]) -> (String, String) {
    (unread + name, shape.map(String.init).joined(separator: "x"))
  }

  /// Puts what was left unread among the tensors.
  static func restore(_ contents: inout ModelFile.Contents) {
    for (key, value) in contents.metadata where key.hasPrefix(unread) {
      contents.metadata[key] = nil
      let shape = value.split(separator: "x").map { Int($0) ?? 0 }
      contents.tensors[String(key.dropFirst(unread.count))] = StoredTensor(
        type: unreadType, shape: shape, elements: .mapped(0..<0))
    }
  }
}
