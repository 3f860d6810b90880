import Engine
import Files
import Foundation
import Impasto
import Pictures
import Synchronization

/// The work of one shard of a batch, whose processes share a folder for their results.
///
/// Each shard keeps a list of what it has done in a folder of its own, `.shards/2-of-4`, so that no two
/// processes write the same file. A shard that ended early is run again, and does what is missing.
public final class SharedBatch: Sendable {
  /// A result that is complete.
  public struct Item: Codable, Sendable {
    /// The name of the file in the folder.
    public let output: String
    /// Nil for a texture.
    public let photo: String?
    public let width: Int
    public let height: Int
    /// The seconds that it took.
    public let seconds: Double
    /// The losses at its end by their names; none for one pass.
    public let losses: [String: Double]

    /// - Parameter output: the path of the file.
    public init(
      output: String, photo: String?, width: Int, height: Int, seconds: Double,
      losses: [String: Double] = [:]
    ) {
      self.output = URL(fileURLWithPath: output).lastPathComponent
      (self.photo, self.width, self.height) = (photo, width, height)
      (self.seconds, self.losses) = (seconds, losses)
    }
  }

  private let shard: Shard
  private let lock: FolderLock
  private let file: AppendedFile
  private let done: Mutex<Set<String>>

  /// Opens a shard of a batch.
  ///
  /// - Parameters:
  ///   - identity: what all shards have in common: the settings and the items.
  ///   - folder: the folder of the results, which exists.
  /// - Throws: `RecordError` if the folder has another batch, and `FileError` if another process works on
  ///   this shard.
  public init(_ shard: Shard, of identity: Identity, in folder: String) throws {
    self.shard = shard
    let own = shard.folder(in: folder)
    try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    try identity.claim(folder, shards: shard.count)
    lock = try FolderLock(own)
    let path = "\(own)/\(Self.items)"
    try Self.removeTornLine(path)
    done = Mutex(Set(try Self.items(path).map(\.output)))
    file = try AppendedFile(path)
  }

  /// Whether the shard still must do an item.
  ///
  /// - Parameters:
  ///   - index: the place among all items, from 0.
  ///   - output: the path of its result.
  public func isOpen(_ index: Int, output: String) -> Bool {
    guard shard.contains(index) else { return false }
    let name = URL(fileURLWithPath: output).lastPathComponent
    return !done.withLock { $0.contains(name) } || !InputFile.exists(output)
  }

  /// Notes that an item is complete.
  ///
  /// - Throws: `FileError.unwritable`.
  public func add(_ item: Item) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try file.append(try encoder.encode(item) + Data("\n".utf8))
    done.withLock { _ = $0.insert(item.output) }
  }

  /// What the shards of a batch have in common.
  public struct Identity: Sendable {
    private let recipe: String
    private let outputs: [String]

    /// - Parameter outputs: the paths of all results in their order.
    public init(_ recipe: Recipe, outputs: [String]) {
      self.recipe = recipe.text()
      self.outputs = outputs.map { URL(fileURLWithPath: $0).lastPathComponent }
    }

    private struct Description: Codable, Equatable {
      let recipe: String
      let outputs: [String]
      let shards: Int
    }

    /// Writes the description, or compares it with the one that is there.
    fileprivate func claim(_ folder: String, shards: Int) throws {
      let own = Description(recipe: recipe, outputs: outputs, shards: shards)
      let path = Self.path(folder)
      if InputFile.exists(path) {
        guard try Self.read(folder) == own else {
          throw RecordError(
            "\(folder): has the shards of another batch, or of another number; choose another folder."
          )
        }
      } else {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(own), to: path)
      }
    }

    /// The number of shards of the batch in a folder.
    fileprivate func shardCount(_ folder: String) throws -> Int {
      guard InputFile.exists(Self.path(folder)) else {
        throw RecordError("\(folder): has no shards; --shard I/N makes them.")
      }
      let found = try Self.read(folder)
      guard found == Description(recipe: recipe, outputs: outputs, shards: found.shards) else {
        throw RecordError("\(folder): has the shards of another batch; repeat their options.")
      }
      return found.shards
    }

    private static func path(_ folder: String) -> String {
      "\(Shard.folders(in: folder))/batch.json"
    }

    private static func read(_ folder: String) throws -> Description {
      let path = path(folder)
      guard
        let found = try? JSONDecoder().decode(Description.self, from: MappedFile(path: path).data),
        Shard(index: 1, count: found.shards) != nil
      else { throw RecordError("\(path): is damaged; remove it, and run the shards again.") }
      return found
    }

    /// Writes a table and contact sheets of all results: `table.csv`, and `sheet.jpg` or `sheet-001.jpg` and so on.
    ///
    /// - Returns: the paths of the written files.
    /// - Throws: `RecordError` if results are missing, with the shards to run again; `PictureError` and
    ///   `FileError`.
    public func collect(in folder: String) throws -> [String] {
      let count = try shardCount(folder)
      var items: [String: Item] = [:]
      for index in 1...count {
        let own = Shard(index: index, count: count)!.folder(in: folder)
        for item in try SharedBatch.items("\(own)/\(SharedBatch.items)") {
          items[item.output] = item
        }
      }
      let missing = outputs.indices.filter {
        items[outputs[$0]] == nil || !InputFile.exists("\(folder)/\(outputs[$0])")
      }
      guard missing.isEmpty else {
        let shards = Set(missing.map { $0 % count + 1 }).sorted().prefix(20)
        throw RecordError(
          "\(folder): \(missing.count) of \(outputs.count) results are missing; run again "
            + shards.map { "--shard \($0)/\(count)" }.joined(separator: ", ") + ".")
      }
      return try BatchSummary(items: outputs.map { items[$0]! }, folder: folder).write()
    }
  }

  private static let items = "items.jsonl"

  /// The complete items of a list; none if it does not exist.
  private static func items(_ path: String) throws -> [Item] {
    guard InputFile.exists(path) else { return [] }
    let decoder = JSONDecoder()
    return try MappedFile(path: path).data.split(separator: UInt8(ascii: "\n")).compactMap {
      try? decoder.decode(Item.self, from: Data($0))
    }
  }

  /// Removes a line that the process was killed in, so that the next one stands by itself.
  private static func removeTornLine(_ path: String) throws {
    guard InputFile.exists(path) else { return }
    let data = try MappedFile(path: path).data
    guard let last = data.last, last != UInt8(ascii: "\n") else { return }
    let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? data.startIndex
    try AtomicFile.write(Data(data[..<end]), to: path)
  }
}

/// A table and contact sheets of a batch.
private struct BatchSummary {
  let items: [SharedBatch.Item]
  let folder: String

  private static let columns = 8
  private static let cellsOnSheet = 96
  private static let cellSide = 256

  /// Writes the files, and returns their paths.
  func write() throws -> [String] {
    let table = "\(folder)/table.csv"
    try AtomicFile.write(Data(csv.utf8), to: table)
    let starts = Array(stride(from: 0, to: items.count, by: Self.cellsOnSheet))
    let sheets = try starts.enumerated().map { number, start in
      let name = starts.count == 1 ? "sheet" : String(format: "sheet-%03d", number + 1)
      let path = "\(folder)/\(name).jpg"
      let cells = try items[start..<min(items.count, start + Self.cellsOnSheet)].map { item in
        let file = try PictureFile("\(folder)/\(item.output)")
        return ContactSheet.Cell(
          try file.decoded(file.size.fitted(within: Self.cellSide)), label: item.output)
      }
      let sheet = try ContactSheet(cells, columns: Self.columns, cellSide: Self.cellSide).picture()
      try sheet.write(to: path, PictureEncoding(format: .jpg, quality: 90))
      return path
    }
    return [table] + sheets
  }

  /// Comma-separated values, RFC 4180.
  private var csv: String {
    let losses = Set(items.flatMap(\.losses.keys)).sorted()
    let rows = items.map { item in
      [item.output, item.photo ?? "", "\(item.width)", "\(item.height)"]
        + [String(format: "%.3f", item.seconds)]
        + losses.map { name in item.losses[name].map { String(format: "%.9g", $0) } ?? "" }
    }
    return CSV.text([["output", "photo", "width", "height", "seconds"] + losses] + rows)
  }
}
