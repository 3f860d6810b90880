import ArgumentParser
import Foundation
import Impasto

/// How a long computation runs and what it says.
struct WorkOptions: ParsableArguments {
  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Says nothing but errors.")
  var quiet = false

  @Flag(help: "Prints one JSON object on standard output at the end.")
  var json = false

  var threads: Int? { threadOption.threads }

  /// Something worth knowing.
  func say(_ message: String) {
    if !quiet { Terminal.note(message) }
  }

  /// Runs transfers, prints what they report, and ends the process with a failure's status.
  /// Ctrl-C lets the work come to an early end.
  func run(_ body: @escaping @Sendable () async throws -> BatchReport) async throws {
    let task = Task { try await body() }
    let interruption = Interruption { task.cancel() }
    let batch = await task.result
    if let status = interruption.exitStatus {
      switch batch {
      case .success(let reports): try printReports(reports)
      case .failure(let error): Terminal.complain(String(describing: error))
      }
      throw ExitCode(status)
    }
    let reports = try batch.get()
    try printReports(reports)
    if reports.failed > 0 { throw ExitCode.failure }
  }

  private func printReports(_ reports: BatchReport) throws {
    if json { print(try reports.json()) }
  }
}
