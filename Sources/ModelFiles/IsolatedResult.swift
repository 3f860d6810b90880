/// The tensors that the child process did not read.
///
/// It describes them in the metadata of the safetensors file that it writes.
package enum IsolatedResult {
  private static let unread = "unread:"
  /// The element type of unread tensors.
  private static let unreadType = "unread"

  /// The metadata that describes an unread tensor.
  package static func metadata(unread name: String, shape: [Int]) -> (String, String) {
    (unread + name, shape.map(String.init).joined(separator: "x"))
  }

  /// Adds the unread tensors to the others.
  static func restore(_ contents: inout ModelFile.Contents) {
    for (key, value) in contents.metadata where key.hasPrefix(unread) {
      contents.metadata[key] = nil
      guard let shape = TensorShape(value.split(separator: "x").map { Int($0) ?? 0 }) else {
        continue
      }
      contents.tensors[String(key.dropFirst(unread.count))] = StoredTensor(
        type: unreadType, shape: shape, elements: .mapped(0..<0))
    }
  }
}
