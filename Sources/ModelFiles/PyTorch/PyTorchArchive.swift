import Files
import Foundation

/// The zip archive that `torch.save` writes.
///
/// The object's pickle is `NAME/data.pkl`, and each storage is `NAME/data/KEY`.
enum PyTorchArchive {
  /// In bytes, far above the size of a pickle of names and shapes.
  private static let longestPickle = 64 << 20

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    let archive = try ZipArchive(file)
    guard let pickle = archive.members.values.first(where: { $0.name.hasSuffix("/data.pkl") })
    else {
      throw ModelFileError.unsupported(path: file.path, reason: "damaged: it has no data.pkl")
    }
    guard pickle.count <= longestPickle else {
      throw ModelFileError.unsupported(
        path: file.path, reason: "its data.pkl is larger than that of any network")
    }
    let folder = pickle.name.dropLast("data.pkl".count)
    if let order = archive.members["\(folder)byteorder"],
      order.count < 16, String(decoding: try order.bytes(), as: UTF8.self) != "little"
    {
      throw ModelFileError.unsupported(
        path: file.path, reason: "written on a big-endian machine; save it on a little-endian one")
    }
    var reader = ByteReader(try pickle.bytes(), path: pickle.path)
    let object = try PickleMachine.document(&reader)
    let tensors = try PyTorchTensors(object, path: file.path) { storage, bytes in
      guard let member = archive.members["\(folder)data/\(storage.key)"],
        bytes.upperBound <= member.count
      else {
        throw ModelFileError.unsupported(
          path: file.path,
          reason: "damaged: storage '\(storage.key.prefix(40))' is missing or too short")
      }
      return .member(member, bytes)
    }.tensors()
    return ModelFile.Contents(tensors: tensors)
  }
}
