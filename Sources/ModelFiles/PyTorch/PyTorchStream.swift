import Files
import Foundation

/// The stream that `torch.save` wrote before PyTorch 1.6.
///
/// It consists of five pickles (a magic number, the protocol's version, the machine's integer
/// sizes, the object, and the keys of its storages), followed by each storage: its number of
/// elements and its bytes.
enum PyTorchStream {
  /// The pickle of the magic number 0x1950a86a20f9469cfc6c, with which each stream begins.
  static let magic: [UInt8] = [
    0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var reader = ByteReader(file)
    _ = try reader.skip(magic.count)
    for _ in ["version", "sizes"] { _ = try PickleMachine.document(&reader) }
    let object = try PickleMachine.document(&reader)
    let storages = PyTorchTensors(object, path: file.path) { _, _ in .mapped(0..<0) }.storages()
    let places = try places(of: storages, &reader)
    let tensors = try PyTorchTensors(object, path: file.path) { storage, bytes in
      guard let place = places[storage.key], bytes.upperBound <= place.count else {
        throw reader.malformed("storage '\(storage.key.prefix(40))' is missing or too short")
      }
      return .mapped(place.lowerBound + bytes.lowerBound..<place.lowerBound + bytes.upperBound)
    }.tensors()
    return ModelFile.Contents(tensors: tensors)
  }

  /// Finds the position of each storage's elements in the file.
  private static func places(
    of storages: [String: PyTorchTensors.Storage], _ reader: inout ByteReader
  ) throws -> [String: Range<Int>] {
    let keys = try PickleMachine.document(&reader)
    guard let order = keys.sequence(keys.root) else {
      throw reader.malformed("the list of storages is missing")
    }
    var places: [String: Range<Int>] = [:]
    for reference in order {
      guard let key = keys.text(reference), let storage = storages[key] else {
        throw reader.malformed("a storage is listed that no tensor describes")
      }
      guard let size = PyTorchTensors.elementSize(storage.type) else {
        throw ModelFileError.unsupported(
          path: reader.path,
          reason: "it has numbers of the type \(storage.type.prefix(60)), which is not supported")
      }
      let start = reader.offset
      guard try reader.integer(Int64.self) == storage.count else {
        throw reader.malformed("storage '\(key.prefix(40))' has another size", at: start)
      }
      places[key] = try reader.skip(storage.count * size)
    }
    return places
  }
}
