import Files
import Foundation

/// Arrays in a zip archive of `numpy.savez`, with a member `NAME.npy` for each.
enum NumPyArchive {
  /// The first bytes to read, more than an array's header takes.
  private static let headerBytes = 4096

  /// - Throws: `ModelFileError`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var contents = ModelFile.Contents()
    for member in try ZipArchive(file).members.values
    where member.name.hasSuffix(".npy") {
      var reader = ByteReader(
        try member.bytes(0..<min(member.count, headerBytes)), path: member.path)
      let header = try NumPyHeader(&reader)
      let start = reader.offset
      contents.tensors[String(member.name.dropLast(4))] = try header.tensor { count in
        guard count <= member.count - start else {
          throw ModelFileError.malformed(
            path: member.path, offset: member.count, reason: "the array is truncated")
        }
        return .member(member, start..<start + count)
      }
    }
    return contents
  }
}
