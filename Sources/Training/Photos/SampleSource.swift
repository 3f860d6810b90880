import Engine
import Impasto
import Pictures
import Synchronization

/// The samples of a training: random parts of photos, which depend on the seed and the sample's number
/// only.
///
/// Each epoch goes through all photos in an order of its own.
package final class SampleSource: Sendable {
  private let photos: PhotoFolder
  private let cache: PhotoCache
  private let seed: UInt64
  private let side: Int
  private let batch: Int
  private let state = Mutex(State())

  private struct State {
    var epoch = -1
    var order: [Int] = []
    /// The photos that turned out to be broken.
    var broken: Set<Int> = []
    /// The reasons that were not returned yet.
    var reasons: [String] = []
  }

  /// The memory of the cache.
  private static let cacheBytes = 512 << 20

  package init(_ photos: PhotoFolder, _ options: TrainingOptions) {
    self.photos = photos
    (seed, side, batch) = (UInt64(options.seed), options.size, options.batch)
    cache = PhotoCache(photos, side: 2 * options.size, bytes: Self.cacheBytes)
  }

  /// The samples of a step, `[size, size, 3]` each, 0...1.
  ///
  /// - Parameter share: the samples of the batch; nil for all.
  /// A photo that cannot be decoded is replaced by the next one.
  ///
  /// - Throws: `TrainingError.noPhotos` if no photo can be decoded.
  package func samples(step: Int, share: Range<Int>? = nil) throws -> [[Float]] {
    try (share ?? 0..<batch).map { try sample(step * batch + $0) }
  }

  /// The reasons why photos could not be decoded, which were not returned before.
  package func newBroken() -> [String] {
    state.withLock { state in
      defer { state.reasons = [] }
      return state.reasons
    }
  }

  private func sample(_ number: Int) throws -> [Float] {
    // Numbers of samples and of epochs get streams that are far from each other.
    var random = SeededGenerator(seed: seed &* 0x2545_f491_4f6c_dd1d &+ UInt64(number) << 20)
    for attempt in 0..<photos.count {
      let index = photo(number, attempt)
      guard state.withLock({ !$0.broken.contains(index) }) else { continue }
      do {
        return try part(of: cache.photo(index), &random)
      } catch {
        state.withLock { state in
          state.broken.insert(index)
          state.reasons.append("\(error)")
        }
      }
    }
    throw TrainingError.noPhotos(folder: photos.path)
  }

  /// The photo of a sample, or one so many places after it in the order of its epoch.
  private func photo(_ number: Int, _ places: Int) -> Int {
    let epoch = number / photos.count
    return state.withLock { state in
      if state.epoch != epoch {
        var random = SeededGenerator(seed: seed &+ UInt64(epoch) << 40)
        state.order = Array(0..<photos.count).shuffled(using: &random)
        state.epoch = epoch
      }
      return state.order[(number % photos.count + places) % photos.count]
    }
  }

  /// A random square of a photo in the samples' size, mirrored half of the time.
  private func part(
    of photo: PackedPicture, _ random: inout SeededGenerator
  ) throws -> [Float] {
    // A photo may have lost a pixel by rounding.
    let most = min(photo.size.width, photo.size.height)
    let square = Int.random(in: min(side, most)...most, using: &random)
    let left = Int.random(in: 0...photo.size.width - square, using: &random)
    let top = Int.random(in: 0...photo.size.height - square, using: &random)
    let isMirrored = Bool.random(using: &random)
    var values = [Float](repeating: 0, count: 3 * square * square)
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<square {
        photo.read(
          row: top + row, columns: left..<left + square,
          into: values.baseAddress! + 3 * row * square)
      }
    }
    let picture = Picture(pixels: Tensor(shape: [square, square, 3], elements: values))
    let sized = try picture.resized(to: PixelSize(width: side, height: side))
    return (isMirrored ? sized.mirrored : sized).pixels.elements
  }
}
