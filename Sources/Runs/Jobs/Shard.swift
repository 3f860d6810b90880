import Files

/// One of several equal parts of a work that is split among processes or machines.
public struct Shard: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The number of this part, from 1.
  public let index: Int
  /// The number of parts.
  public let count: Int

  /// All of the work.
  public static let whole = Shard(index: 1, count: 1)!

  /// Makes a part; nil unless `index` is between 1 and `count`.
  public init?(index: Int, count: Int) {
    guard (1...Self.most).contains(count), (1...count).contains(index) else { return nil }
    (self.index, self.count) = (index, count)
  }

  /// Reads `2/8`.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1] else { return nil }
    self.init(index: index, count: count)
  }

  public var description: String { "\(index)/\(count)" }

  /// Whether an item is the shard's: every `count`-th is.
  ///
  /// - Parameter place: the place among all items, from 0.
  func contains(_ place: Int) -> Bool { place % count == index - 1 }

  /// The name of the folder in which only this shard writes, `2-of-8`.
  var folderName: String { "\(index)-of-\(count)" }

  /// The folder of this shard among those of a folder of results, `.shards/2-of-8`.
  func folder(in results: String) -> String { "\(Self.folders(in: results))/\(folderName)" }

  /// The folder of all shards of a folder of results.
  static func folders(in results: String) -> String {
    FilePath.withoutTrailingSlashes(results) + "/.shards"
  }

  /// The shard's part of a length.
  func range(of length: Double) -> (start: Double, end: Double) {
    (length * Double(index - 1) / Double(count), length * Double(index) / Double(count))
  }

  private static let most = 10_000
}
