import CZipSystem
import Foundation

/// The members of a zip archive, by libzip.
struct ZipArchive: Sendable {
  /// By their names in the archive.
  let members: [String: Member]

  /// A file in the archive.
  struct Member: Sendable {
    let archivePath: String
    let index: UInt64
    let name: String
    /// When unpacked, in bytes.
    let count: Int

    /// How errors name it.
    var path: String { "\(archivePath), member \(name.prefix(80))" }
  }

  /// Floats hardly get smaller; what grows more than this is made to fill the memory.
  private static let mostGrowth = 20

  /// - Throws: `ModelFileError`.
  init(path: String) throws {
    members = try Self.withArchive(path) { archive in
      var members: [String: Member] = [:]
      for index in 0..<UInt64(max(0, zip_get_num_entries(archive, 0))) {
        let member = try Self.member(index, of: archive, path)
        guard members.updateValue(member, forKey: member.name) == nil else {
          throw ModelFileError.unsupported(
            path: member.path, reason: "the archive has two members of this name")
        }
      }
      return members
    }
  }

  private static func member(_ index: UInt64, of archive: OpaquePointer, _ path: String) throws
    -> Member
  {
    var stat = zip_stat_t()
    zip_stat_init(&stat)
    let needed = UInt64(ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE)
    guard zip_stat_index(archive, index, 0, &stat) == 0, stat.valid & needed == needed,
      let count = Int(exactly: stat.size), let stored = Int(exactly: stat.comp_size)
    else {
      throw ModelFileError.unsupported(
        path: path, reason: "the description of its member \(index) is damaged")
    }
    let member = Member(
      archivePath: path, index: index, name: String(cString: stat.name), count: count)
    guard count / mostGrowth <= stored + 1024 else {
      throw ModelFileError.unsupported(
        path: member.path,
        reason: "\(stored) bytes would grow to \(count) when unpacked, which weights never do")
    }
    return member
  }

  private static func withArchive<Result>(
    _ path: String, _ body: (OpaquePointer) throws -> Result
  ) throws -> Result {
    var code: Int32 = 0
    guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
      var error = zip_error_t()
      zip_error_init_with_code(&error, code)
      defer { zip_error_fini(&error) }
      throw ModelFileError.unsupported(
        path: path, reason: "a damaged zip archive: \(String(cString: zip_error_strerror(&error)))")
    }
    defer { zip_discard(archive) }
    return try body(archive)
  }
}

extension ZipArchive.Member {
  /// A part of the member, unpacked.
  ///
  /// - Throws: `ModelFileError` if the member has fewer bytes or is damaged.
  func bytes(_ range: Range<Int>? = nil) throws -> Data {
    let range = range ?? 0..<count
    guard range.upperBound <= count else {
      throw ModelFileError.malformed(
        path: path, offset: count, reason: "\(range.upperBound) bytes are needed")
    }
    return try ZipArchive.withArchive(archivePath) { archive in
      guard let file = zip_fopen_index(archive, index, 0) else {
        throw damaged(String(cString: zip_strerror(archive)))
      }
      defer { zip_fclose(file) }
      // Not zip_fseek, which ends the process on damaged archives (libzip 1.7).
      try discard(range.lowerBound, of: file)
      return try read(range.count, from: file)
    }
  }

  private func discard(_ count: Int, of file: OpaquePointer) throws {
    var left = count
    while left > 0 { left -= try read(min(left, 1 << 16), from: file).count }
  }

  private func read(_ count: Int, from file: OpaquePointer) throws -> Data {
    var data = Data(count: count)
    var done = 0
    while done < count {
      let got = data.withUnsafeMutableBytes {
        zip_fread(file, $0.baseAddress! + done, UInt64(count - done))
      }
      guard got > 0 else {
        throw damaged(String(cString: zip_file_strerror(file)))
      }
      done += Int(got)
    }
    return data
  }

  private func damaged(_ reason: String) -> ModelFileError {
    .unsupported(path: path, reason: "damaged: \(reason)")
  }
}
