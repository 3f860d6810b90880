import Files

/// Names files of other programs that are protocol buffers messages, too, and look like networks of
/// Caffe or ONNX.
enum OtherMessages {
  /// The kind of the file and what to do; nil if it is none of these kinds.
  static func kind(of file: MappedFile) -> String? {
    guard let message = Summary(file) else { return nil }
    if message.varints.contains(1), message.lists.contains(2) {
      // `Model`, whose specification version is followed by a description and one of many types.
      if message.lists.contains(where: { coreMLTypes.contains($0) }) {
        return "a Core ML model, which is not supported; use the file that it was converted from, "
          + "such as a PyTorch or ONNX file"
      }
      // `SavedModel`, whose schema version is followed by graphs.
      if message.lists.isSubset(of: [2]) { return tensorFlow }
    }
    switch message.first {
    case 1? where isNode(message.firstRange, file, textFields: [1, 2], others: [3, 4, 5, 6, 7]):
      // `GraphDef`, a list of `NodeDef` with a name, an operation, inputs, a device and attributes.
      return tensorFlow
    case 2? where isOperator(message.firstRange, file),
      1? where message.second.map { isOperator($0, file) } == true:
      // Caffe2's `NetDef`, a name and a list of `OperatorDef`, whose type is a text.
      return "a network of Caffe2, which is not supported; convert it to ONNX"
    default: return nil
    }
  }

  private static let coreMLTypes = 200..<4000
  private static let tensorFlow =
    "a graph of TensorFlow, which is not supported; save the weights as Keras .h5 or as .npz"

  /// The kinds of a message's fields.
  private struct Summary {
    var varints: Set<Int> = []
    var lists: Set<Int> = []
    /// The number and the place of the first field with a length, and the place of the first
    /// field 2 after it.
    var first: Int?
    var firstRange: Range<Int> = 0..<0
    var second: Range<Int>?

    /// Nil if not even the first field can be read.
    init?(_ file: MappedFile) {
      var walk = WireFormat(file)
      // A truncated file is known by its start.
      while let field = try? walk.next() {
        switch field.value {
        case .varint: varints.insert(field.number)
        case .bytes(let range):
          lists.insert(field.number)
          if first == nil {
            (first, firstRange) = (field.number, range)
          } else if second == nil, field.number == 2 {
            second = range
          }
        case .fixed32, .fixed64: break
        }
      }
      guard !(varints.isEmpty && lists.isEmpty) else { return nil }
    }
  }

  private static func isOperator(_ range: Range<Int>, _ file: MappedFile) -> Bool {
    isNode(range, file, textFields: [4], others: [1, 2, 3, 5, 6, 7, 8, 10])
  }

  /// Whether a part of the file is a message with these fields of text, and others with a length.
  private static func isNode(
    _ range: Range<Int>, _ file: MappedFile, textFields: Set<Int>, others: Set<Int>
  ) -> Bool {
    var walk = WireFormat(file, range: range)
    var texts: Set<Int> = []
    do {
      while let field = try walk.next() {
        guard case .bytes(let place) = field.value else { return false }
        if textFields.contains(field.number) {
          guard !place.isEmpty, (try? file.text(place)) != nil else { return false }
          texts.insert(field.number)
        } else if !others.contains(field.number) {
          return false
        }
      }
    } catch {
      return false
    }
    return texts == textFields
  }
}
