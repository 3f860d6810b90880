import Foundation
import Testing

/// Batches that several processes share by `--shard`.
@Suite(.serialized) struct ShardTests {
  private let command: Command

  init() throws {
    command = try Command()
    for folder in ["photos", "out", "alone"] {
      try FileManager.default.createDirectory(
        atPath: command.path(folder), withIntermediateDirectories: true)
    }
    for number in 1...5 {
      try command.makePicture(
        "photos/\(number).png", width: 40 + number, height: 33, seed: UInt64(number))
    }
  }

  private func stylize(_ options: String..., folder: String = "out") throws -> Command.Outcome {
    try command.start(["stylize", "photos", "--style", "udnie", "-o", folder] + options).finish()
  }

  private func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: command.path(path)))
  }

  @Test func shardsGiveTheResultsOfOneProcess() throws {
    #expect(try stylize(folder: "alone").status == 0)
    let early = try stylize("--collect")
    #expect(early.status != 0 && early.errors.contains("has no shards"))
    #expect(try stylize("--shard", "1/2").status == 0)
    for number in 1...5 { #expect(command.exists("out/\(number).png") == (number % 2 == 1)) }
    let partial = try stylize("--collect")
    #expect(partial.status != 0)
    #expect(
      partial.errors.contains("2 of 5 results are missing; run again --shard 2/2."),
      "\(partial.errors)")
    #expect(!command.exists("out/table.csv"))
    #expect(try stylize("--shard", "2/2").status == 0)
    let collected = try stylize("--collect")
    #expect(collected.status == 0, "\(collected.errors)")
    for number in 1...5 {
      #expect(try data("out/\(number).png") == data("alone/\(number).png"))
    }
    let table = try String(decoding: data("out/table.csv"), as: UTF8.self).split(separator: "\n")
    #expect(table.count == 6 && table[0].hasPrefix("output,photo,width,height,seconds"))
    #expect(table[3].hasPrefix("3.png,photos/3.png,43,33,"))
    #expect(command.exists("out/sheet.jpg"))
  }

  @Test func aShardDoesOnlyWhatIsMissing() throws {
    #expect(try stylize("--shard", "1/2").status == 0)
    let before = try FileManager.default.attributesOfItem(atPath: command.path("out/1.png"))
    try FileManager.default.removeItem(atPath: command.path("out/3.png"))
    // A process that was killed leaves a part of a line.
    let list = command.path("out/.shards/1-of-2/items.jsonl")
    let torn = try #require(FileHandle(forWritingAtPath: list))
    try torn.seekToEnd()
    try torn.write(contentsOf: Data("{\"output\":\"5.p".utf8))
    try torn.close()
    let again = try stylize("--shard", "1/2")
    #expect(again.status == 0, "\(again.errors)")
    #expect(command.exists("out/3.png"))
    let after = try FileManager.default.attributesOfItem(atPath: command.path("out/1.png"))
    #expect(before[.modificationDate] as? Date == after[.modificationDate] as? Date)
    #expect(try stylize("--shard", "2/2").status == 0)
    #expect(try stylize("--collect").status == 0)
  }

  @Test func otherBatchesAreRefused() throws {
    #expect(try stylize("--shard", "1/2").status == 0)
    for options in [["--shard", "1/3"], ["--shard", "1/2", "--strength", "0.5"]] {
      let other = try command.start(
        ["stylize", "photos", "--style", "udnie", "-o", "out"] + options
      ).finish()
      #expect(other.status != 0 && other.errors.contains("another batch"), "\(other.errors)")
    }
    let collected = try stylize("--collect", "--strength", "0.5")
    #expect(collected.status != 0 && collected.errors.contains("another batch"))
    let single = try command.run(
      "stylize", "photos/1.png", "--style", "udnie", "-o", "one.png", "--shard", "1/2")
    #expect(single.status != 0 && single.errors.contains("needs a folder"), "\(single.errors)")
    #expect(try stylize("--shard", "1/2", "--collect").errors.contains("--collect"))
    #expect(try stylize("--shard", "3/2").status != 0)
  }

  @Test func transfersNoteTheirLosses() throws {
    let settings = [
      "transfer", "photos", "--style", "udnie", "--size", "32", "--iterations", "2", "-o", "out",
    ]
    for shard in ["1/2", "2/2"] {
      #expect(try command.start(settings + ["--shard", shard]).finish().status == 0)
    }
    #expect(try command.start(settings + ["--collect"]).finish().status == 0)
    let table = try String(decoding: data("out/table.csv"), as: UTF8.self).split(separator: "\n")
    #expect(table[0] == "output,photo,width,height,seconds,content,style,total")
    for row in table.dropFirst() { #expect(Double(row.split(separator: ",")[7])! > 0) }
  }

  @Test func shardsOfASweepGiveItsTable() throws {
    try command.write(
      """
      content = "photos/1.png"
      style = "photos/2.png"
      iterations = 2
      size = 32

      [sweep]
      seed = [1, 2, 3]
      """, to: "grid.toml")
    func sweep(_ options: String..., folder: String = "cells") throws -> Command.Outcome {
      try command.start(["sweep", "grid.toml", "-o", folder, "--quiet"] + options).finish()
    }
    #expect(try sweep(folder: "whole").status == 0)
    #expect(try sweep("--shard", "2/2").status == 0)
    let early = try sweep("--collect")
    #expect(early.status != 0 && early.errors.contains("2 of 3 runs are missing"))
    #expect(try sweep("--shard", "1/2").status == 0)
    #expect(try sweep("--collect").status == 0)
    /// The seconds differ.
    func table(_ folder: String) throws -> [[Substring]] {
      try String(decoding: data("\(folder)/table.csv"), as: UTF8.self).split(separator: "\n").map {
        var values = $0.split(separator: ",", omittingEmptySubsequences: false)
        values.remove(at: 4)
        return values
      }
    }
    #expect(try table("cells") == table("whole"))
    #expect(try data("cells/sheet.png") == data("whole/sheet.png"))
  }
}
