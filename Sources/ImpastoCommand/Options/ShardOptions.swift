import ArgumentParser
import Runs

/// How several processes or machines share a batch.
struct ShardOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Do only part I of N, from 1, for several machines that share the output's folder.",
      valueName: "I/N"))
  var shard: Shard?

  @Flag(help: "Write a table and a contact sheet of the results of all shards.")
  var collect = false

  mutating func validate() throws {
    if collect, shard != nil {
      throw ValidationError("--collect: cannot be combined with --shard.")
    }
  }

  /// Refuses options of batches for a single result.
  func checkBatch(_ isBatch: Bool) throws {
    guard !isBatch, let option = shard != nil ? "--shard" : collect ? "--collect" : nil else {
      return
    }
    throw ValidationError("\(option): needs a folder that exists as --output.")
  }

  /// Refuses options of batches for a film.
  func checkFilm() throws {
    if collect { throw ValidationError("--collect: is for photos; --join joins a film.") }
  }
}

extension Shard: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
