import ArgumentParser
import Foundation
import Runs

/// The record of a run.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep a record in a new folder: recipe, losses, frames, TensorBoard events, a report and an animation.",
      valueName: "folder"))
  var run: String?
}
