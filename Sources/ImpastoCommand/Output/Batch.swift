import Files
import Impasto
import Runs

/// The part of a batch that this process does: all of it without `--shard`.
struct Batch: Sendable {
  private let shared: SharedBatch?
  private let identity: SharedBatch.Identity
  private let folder: String

  /// - Parameter output: the folder of the results, if there is one.
  /// - Throws: `ValidationError` for shards without a folder, and the errors of `SharedBatch`.
  init(_ recipe: Recipe, _ plan: OutputPlan, output: String, shards: ShardOptions) throws {
    try shards.checkBatch(InputFile.isFolder(output))
    var recipe = recipe
    recipe.content = nil
    identity = SharedBatch.Identity(recipe, outputs: plan.results.map(\.path))
    folder = output
    shared = try shards.shard.map { [identity] in
      try SharedBatch($0, of: identity, in: output)
    }
  }

  /// Whether this process still must do an item.
  func isOpen(_ index: Int, _ output: String) -> Bool {
    shared?.isOpen(index, output: output) ?? true
  }

  /// Notes that an item is complete.
  func add(_ item: SharedBatch.Item) throws { try shared?.add(item) }

  /// Writes the table and the sheets of all shards.
  func collect(_ work: WorkOptions) throws {
    for path in try identity.collect(in: folder) { work.say("Wrote \(path)") }
  }
}
