/// A tensor's description in the header of a safetensors file.
struct SafetensorsEntry: Codable {
  let dtype: String
  let shape: [Int]
  /// The first byte and the end of the data, counted from the end of the header.
  let dataOffsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case dataOffsets = "data_offsets"
  }

  /// The validated tensor; nil if the entry contradicts itself or the file's size.
  func tensor(dataStart: Int, count: Int) -> StoredTensor? {
    guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1],
      dataOffsets[1] <= count, let shape = TensorShape(shape)
    else { return nil }
    // A file may hold unsupported types; reading one of these tensors fails later.
    if let type = ElementType(rawValue: dtype) {
      guard shape.count * type.size == dataOffsets[1] - dataOffsets[0] else { return nil }
    }
    return StoredTensor(
      type: dtype, shape: shape,
      elements: .mapped(dataStart + dataOffsets[0]..<dataStart + dataOffsets[1]))
  }
}
