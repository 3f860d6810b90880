import ArgumentParser
import Foundation
import Impasto

/// The threads and the messages of a long computation.
struct WorkOptions: ParsableArguments {
  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Print only warnings and errors.")
  var quiet = false

  @Flag(help: "Print one JSON object on standard output at the end.")
  var json = false

  var threads: Int? { threadOption.threads }

  /// Prints a note, unless the command is quiet.
  func say(_ message: String) {
    if !quiet { Terminal.note(message) }
  }

  /// Runs transfers, prints their reports, and ends the process with the status of a failure.
  /// A signal ends the work early.
  func run(_ body: @escaping @Sendable () async throws -> BatchReport) async throws {
    let task = Task { try await body() }
    let interruption = Interruption { task.cancel() }
    let batch = await task.result
    if let status = interruption.exitStatus {
      switch batch {
      case .success(let reports): try printReports(reports)
      case .failure(let error): Terminal.complain(error)
      }
      throw ExitCode(status)
    }
    let reports = try batch.get()
    try printReports(reports)
    if reports.failed > 0 { throw ExitCode.failure }
  }

  private func printReports(_ reports: BatchReport) throws {
    if json { try StandardStreams.print(try reports.json()) }
  }
}
