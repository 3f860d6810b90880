/// A tensor's description in the header of a safetensors file.
struct SafetensorsEntry: Codable {
  let dtype: String
  let shape: [Int]
  /// Its first byte and the one behind its last, counted from the end of the header.
  let dataOffsets: [Int]

  enum CodingKeys: String, CodingKey {
    case dtype, shape
    case dataOffsets = "data_offsets"
  }

  /// The checked tensor; nil if it contradicts itself or the file's size.
  func tensor(dataStart: Int, count: Int) -> StoredTensor? {
    guard dataOffsets.count == 2, dataOffsets[0] >= 0, dataOffsets[0] <= dataOffsets[1],
      dataOffsets[1] <= count, let elements = StoredTensor.count(of: shape)
    else { return nil }
    // Types that we cannot read may be in a file; they only cannot be asked for.
    if let type = ElementType(rawValue: dtype) {
      let (size, overflow) = elements.multipliedReportingOverflow(by: type.size)
      guard !overflow, size == dataOffsets[1] - dataOffsets[0] else { return nil }
    }
    return StoredTensor(
      type: dtype, shape: shape,
      elements: .mapped(dataStart + dataOffsets[0]..<dataStart + dataOffsets[1]))
  }
}
