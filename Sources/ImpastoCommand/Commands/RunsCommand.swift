import ArgumentParser
import Foundation
import Impasto
import Pictures
import Runs

struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List, show and compare the records of runs.",
    discussion: "A record is a folder that transfer --run or sweep made.",
    subcommands: [List.self, Show.self, Compare.self])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the runs in folders, one per line.")

    @Argument(
      help: "Runs' folders, or folders that contain runs.", completion: .directory)
    var folders: [String]

    func run() throws {
      let records = try folders.flatMap { try RunRecord.all(in: $0) }
      let rows = records.map { record in
        [
          record.folder.path, "\(record.iterations)", String(format: "%.1f", record.seconds),
          String(format: "%.4g", record.loss), record.recipe.content ?? "-",
          (record.recipe.style ?? []).joined(separator: ","),
          record.folder.isComplete ? "" : "incomplete",
        ]
      }
      try StandardStreams.print(
        TextTable(
          header: ["run", "iterations", "seconds", "loss", "content", "style", ""], rows: rows
        ).text)
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print a run's settings and final losses.")

    @Argument(help: "The run's folder.", completion: .directory)
    var folder: String

    func run() throws {
      let record = try RunRecord(folder)
      try StandardStreams.print(record.recipe.text())
      let end = [("iterations", Double(record.iterations)), ("seconds", record.seconds)]
      let rows = (end + record.losses).map { [$0.0, String(format: "%.6g", $0.1)] }
      try StandardStreams.print(TextTable(header: nil, rows: rows).text)
      try StandardStreams.print("\nThe report is \(record.folder.report)")
    }
  }

  struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare settings and final losses of runs.")

    @Argument(help: "Runs' folders, or folders that contain runs.")
    var folders: [String]

    @Option(help: "A contact sheet of the results: \(PictureFormat.extensions).")
    var sheet: String?

    func run() throws {
      let records = try folders.flatMap { try RunRecord.all(in: $0) }
      if let sheet {
        try InputFiles(records.map(\.folder.result)).checkNotInput(sheet, key: "sheet")
        try PictureFormat.checkWritable(sheet)
      }
      let comparison = RunComparison(records)
      try StandardStreams.print(TextTable(header: comparison.header, rows: comparison.rows).text)
      if let sheet { try comparison.contactSheet().picture().write(to: sheet) }
    }
  }
}
