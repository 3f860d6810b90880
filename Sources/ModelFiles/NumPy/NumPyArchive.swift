import Files
import Foundation

/// Arrays in a zip archive, as `numpy.savez` writes them: a member `NAME.npy` for each.
enum NumPyArchive {
  /// More than any array's description takes.
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
            path: member.path, offset: member.count, reason: "the array is cut off")
        }
        return .member(member, start..<start + count)
      }
    }
    return contents
  }
}
