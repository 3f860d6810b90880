import ArgumentParser
import Foundation
import Runs

/// Whether a record of the run is kept.
struct RecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keeps a record in a new folder: recipe, losses, frames, TensorBoard events, a report and an animation.",
      valueName: "folder"))
  var run: String?
}
