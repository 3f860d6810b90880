import Foundation
import Impasto
import Pictures

/// The frames of a run, as files in a folder.
public struct FrameSequence: Sendable {
  /// The files by name, which is their order.
  public let files: [PictureFile]
  /// The progress of the run at each frame: the sum of the changes from frame to frame, 0…1.
  package let positions: [Double]

  /// The size at which changes are measured.
  private static let thumbnailSide = 64

  /// Opens a run's frames, or any folder of pictures.
  ///
  /// - Throws: `RecordError` if there are none, and `PictureError.unreadable`.
  public init(folder: String) throws {
    let run = "\(folder)/frames"
    let folder = FileManager.default.fileExists(atPath: run) ? run : folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let pictures = names.filter { (try? PictureFormat(path: $0)) != nil }.sorted()
    guard !pictures.isEmpty else {
      throw RecordError("\(folder): has no pictures to make frames of.")
    }
    files = try pictures.map { try PictureFile("\(folder)/\($0)") }
    positions = try Self.positions(of: files)
  }

  private static func positions(of files: [PictureFile]) throws -> [Double] {
    let size = files[0].size.fitted(within: thumbnailSide)
    var positions: [Double] = []
    var last: [Float]?
    for file in files {
      let values = try file.decoded(size).overWhite.pixels.elements
      let change = last.map { zip($0, values).reduce(0.0) { $0 + Double(abs($1.0 - $1.1)) } }
      positions.append((positions.last ?? 0) + (change ?? 0))
      last = values
    }
    let whole = positions.last!
    return whole > 0 ? positions.map { $0 / whole } : positions
  }

  /// The iteration or step after which a frame was taken, by its name; 0 for another name.
  static func number(of frame: PictureFile) -> Int {
    Int((frame.path as NSString).lastPathComponent.prefix { $0.isNumber }) ?? 0
  }

  /// Some of the frames, as far apart in what changes as possible, the first and the last
  /// among them.
  package func selection(_ count: Int) -> [PictureFile] {
    guard files.count > count else { return files }
    let wanted = (0..<count).map { Double($0) / Double(max(1, count - 1)) }
    var chosen: [Int] = []
    for position in wanted {
      let nearest = positions.indices.min {
        abs(positions[$0] - position) < abs(positions[$1] - position)
      }!
      if chosen.last != nearest { chosen.append(nearest) }
    }
    if chosen.last != files.count - 1 { chosen.append(files.count - 1) }
    return chosen.map { files[$0] }
  }

  /// An animation with evenly paced changes, which holds its last frame.
  ///
  /// - Parameters:
  ///   - longestSide: of the frames, at most, in pixels.
  ///   - seconds: the length without the last frame's.
  public func animation(longestSide: Int, seconds: Double = Self.defaultSeconds) throws -> Animation
  {
    let size = files.last!.size.fitted(within: longestSide)
    let count = max(2, Int((seconds * Self.rate).rounded()))
    var decoded: [Int: Picture] = [:]
    func frame(_ index: Int) throws -> Picture {
      if let picture = decoded[index] { return picture }
      decoded = decoded.filter { $0.key >= index - 1 }
      let picture = try files[index].decoded(size).overWhite
      decoded[index] = picture
      return picture
    }
    var frames: [Picture] = []
    for number in 0..<count {
      let position = Double(number) / Double(count - 1)
      let after = positions.firstIndex { $0 >= position } ?? files.count - 1
      let before = max(0, after - 1)
      let step = positions[after] - positions[before]
      let part = step > 0 ? (position - positions[before]) / step : 1
      let earlier = try frame(before)
      frames.append(earlier.mixed(with: try frame(after), part: Float(part)))
    }
    frames[count - 1] = try frame(files.count - 1)
    let durations = Array(repeating: 1 / Self.rate, count: count - 1) + [Self.holdSeconds]
    return Animation(frames: frames, durations: durations)
  }

  /// The default length of an animation.
  public static let defaultSeconds = 5.0
  private static let rate = 12.0
  private static let holdSeconds = 1.5
}

extension Picture {
  /// The picture with a part of another one in its place.
  fileprivate func mixed(with other: Picture, part: Float) -> Picture {
    Picture(
      pixels: Tensor(
        shape: pixels.shape,
        elements: zip(pixels.elements, other.pixels.elements).map { $0 + part * ($1 - $0) }))
  }
}
