import ArgumentParser
import Foundation
import Impasto
import Runs
import Synchronization

struct SweepCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Run a grid of settings and show the results side by side.",
    discussion: """
      The recipe's [sweep] table gives lists of values to try, for example style-weight = [100, 1000, 10000]; \
      each [[case]] gives settings that belong together. A sweep that was interrupted resumes where it stopped.
      """)

  @Argument(help: "The recipe.", completion: .file(extensions: ["toml"]))
  var recipe: String

  @Option(
    name: .shortAndLong,
    help:
      "The folder for the runs, their contact sheet and table: a new one, or that of the same sweep."
  )
  var output: String

  @Option(
    help: "Transfers at once (default: as many as processors and memory allow).")
  var jobs: Int?

  @OptionGroup var shards: ShardOptions

  @Flag(help: "Says nothing but errors.")
  var quiet = false

  mutating func validate() throws {
    try Validation.atLeast(1, jobs, "--jobs")
  }

  func run() async throws {
    let sweep = try Sweep(RecipeFile(path: recipe), folder: output)
    let (count, quiet) = (sweep.cells.count, quiet)
    if shards.collect { return try summarize(sweep, sweep.collected()) }
    if !quiet { Terminal.note("\(count) runs; complete ones are kept.") }
    let done = Mutex(0)
    let task = Task { [jobs, shard = shards.shard] in
      try await sweep.run(shard: shard ?? .whole, jobs: jobs) { outcome in
        let number = done.withLock { done in
          done += 1
          return done
        }
        Self.tell(outcome, "\(number)/\(count)", quiet: quiet)
      }
    }
    let interruption = Interruption { task.cancel() }
    let outcomes = try await task.value
    if shards.shard == nil { try summarize(sweep, outcomes) }
    if let status = interruption.exitStatus {
      if !quiet { Terminal.note("Interrupted; the same command resumes the sweep.") }
      throw ExitCode(status)
    }
    if outcomes.contains(where: { $0.error != nil }) { throw ExitCode.failure }
  }

  private func summarize(_ sweep: Sweep, _ outcomes: [Sweep.Outcome]) throws {
    try sweep.summarize(outcomes)
    if !quiet { Terminal.note("The runs, sheet.png and table.csv are in \(output)") }
  }

  private static func tell(_ outcome: Sweep.Outcome, _ number: String, quiet: Bool) {
    if let error = outcome.error {
      // The settings come from a file.
      Terminal.complain("\(outcome.cell.label): \(ErrorMessage.text(of: error, naming: .keys))")
    } else if let record = outcome.record, !quiet {
      let state = outcome.wasThere ? "was there" : "\(Int(record.seconds.rounded())) s"
      Terminal.note("\(number)  \(outcome.cell.label): loss \(record.loss.formatted), \(state)")
    }
  }
}

extension Double {
  /// Four digits.
  fileprivate var formatted: String { String(format: "%.4g", self) }
}
