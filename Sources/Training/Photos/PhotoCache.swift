import Pictures
import Synchronization

/// Decoded photos in a size that all samples are cut from, as many as fit in the memory.
///
/// A photo that does not fit is decoded each time. The cache changes no sample.
final class PhotoCache: Sendable {
  private let photos: PhotoFolder
  /// The shorter side of the decoded photos, if they are as large.
  private let side: Int
  private let limit: Int
  private let cached = Mutex<(pictures: [Int: PackedPicture], bytes: Int)>(([:], 0))

  /// - Parameters:
  ///   - side: the shorter side of the decoded photos.
  ///   - bytes: the most memory.
  init(_ photos: PhotoFolder, side: Int, bytes: Int) {
    (self.photos, self.side, limit) = (photos, side, bytes)
  }

  /// A photo, with its shorter side shrunk to the cache's if it is longer.
  ///
  /// - Throws: `PictureError`.
  func photo(_ index: Int) throws -> PackedPicture {
    if let found = cached.withLock({ $0.pictures[index] }) { return found }
    let file = photos.files[index]
    let scale = min(1, Double(side) / Double(file.size.shortestSide))
    let long = Int((Double(file.size.longestSide) * scale).rounded())
    let picture = try file.packed(file.size.scaled(toLongestSide: max(long, 1)))
    cached.withLock {
      guard $0.pictures[index] == nil, $0.bytes + picture.byteCount <= limit else { return }
      $0.pictures[index] = picture
      $0.bytes += picture.byteCount
    }
    return picture
  }
}
