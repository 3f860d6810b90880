import Foundation

/// A file whose pages are read only where they are looked at.
struct MappedFile: Sendable {
  let path: String
  let data: Data

  /// - Throws: `ModelFileError.unreadable`.
  init(path: String) throws {
    self.path = path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw ModelFileError.unreadable(path: path, reason: "there is no such file")
    }
    guard !isFolder.boolValue else {
      throw ModelFileError.unreadable(path: path, reason: "it is a folder")
    }
    // Anything else, such as a pipe, might never end.
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else {
      throw ModelFileError.unreadable(path: path, reason: "it is not a regular file")
    }
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
    } catch {
      throw ModelFileError.unreadable(path: path, reason: "it cannot be opened")
    }
  }

  var count: Int { data.count }

  /// Whether the file has these bytes at a place.
  func hasPrefix(_ bytes: some Collection<UInt8>, at offset: Int = 0) -> Bool {
    data.count >= offset + bytes.count && data[offset..<offset + bytes.count].elementsEqual(bytes)
  }

  /// Tells the system that a part is not needed in memory any more; where it is, it will be
  /// read again.
  func letGo(_ range: Range<Int>) {
    data.withUnsafeBytes { bytes in
      guard !range.isEmpty, let start = bytes.baseAddress else { return }
      let page = Int(getpagesize())
      let first = (start + range.lowerBound).alignedUp(toMultipleOf: page)
      let end = (start + range.upperBound).alignedDown(toMultipleOf: page)
      if end > first {
        madvise(UnsafeMutableRawPointer(mutating: first), end - first, MADV_DONTNEED)
      }
    }
  }
}
