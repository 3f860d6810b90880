import Files
import Foundation
import Impasto
import Pictures

/// The photos of a folder and of the folders in it that are large enough to train with.
public struct PhotoFolder: Sendable {
  /// The path of the folder.
  public let path: String
  /// The photos to train with, ordered by their paths.
  let files: [PictureFile]
  /// Photos that the training never sees, to look at its progress: none of a small set.
  public let heldBack: [PictureFile]
  /// The number of photos to train with.
  public var count: Int { files.count }
  /// A sentence about each file that cannot be read.
  public let broken: [String]
  /// The number of photos that are too small.
  public let small: Int

  /// Finds the photos and reads their headers.
  ///
  /// - Parameters:
  ///   - side: the least shorter side in pixels.
  ///   - least: the least number of photos.
  /// - Throws: `SettingError` if there is no such folder, or it has too few photos.
  public init(_ path: String, side: Int, least: Int) throws {
    guard InputFile.isFolder(path) else {
      throw SettingError("photos", value: path, problem: "is not a folder.")
    }
    var files: [PictureFile] = []
    var broken: [String] = []
    var small = 0
    for path in Self.pictures(in: path) {
      do {
        let file = try PictureFile(path)
        if file.size.shortestSide < side { small += 1 } else { files.append(file) }
      } catch {
        broken.append("\(error)")
      }
    }
    guard files.count >= least else {
      let others = [
        small > 0 ? "\(small) have a side of less than \(side) pixels" : nil,
        broken.isEmpty ? nil : "\(broken.count) cannot be read",
      ].compactMap(\.self)
      throw SettingError(
        "photos", value: path,
        problem: "has \(files.count) photos to train with, and at least \(least) are needed"
          + (others.isEmpty ? "." : "; \(others.joined(separator: ", "))."))
    }
    (self.path, self.broken, self.small) = (path, broken, small)
    let distance = files.count / Self.heldBackCount
    let isLarge = files.count >= Self.leastWithHeldBack
    heldBack = isLarge ? (0..<Self.heldBackCount).map { files[$0 * distance] } : []
    self.files =
      isLarge
      ? files.enumerated().filter {
        $0.offset % distance != 0 || $0.offset / distance >= Self.heldBackCount
      }.map(\.element) : files
  }

  private static func pictures(in folder: String) -> [String] {
    guard let names = FileManager.default.enumerator(atPath: folder) else { return [] }
    return names.compactMap { $0 as? String }.filter { name in
      extensions.contains((name as NSString).pathExtension.lowercased())
        && !name.split(separator: "/").contains { $0.hasPrefix(".") }
    }.sorted().map { "\(folder)/\($0)" }
  }

  private static let heldBackCount = 4
  /// The number of photos from which some are held back.
  private static let leastWithHeldBack = 40

  private static let extensions: Set = [
    "jpg", "jpeg", "png", "webp", "tif", "tiff", "heic", "avif", "jxl", "bmp", "ppm",
  ]

  /// A number that is another one for other photos, for checkpoints.
  var digest: UInt64 {
    // FNV-1a, of the names in the folder and the sizes.
    files.reduce(0xcbf2_9ce4_8422_2325) { hash, file in
      "\(file.path.dropFirst(path.count))\0\(file.size)\0".utf8.reduce(hash) {
        ($0 ^ UInt64($1)) &* 0x100_0000_01b3
      }
    }
  }
}
