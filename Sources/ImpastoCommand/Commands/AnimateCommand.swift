import ArgumentParser
import Impasto
import Pictures
import Runs

struct AnimateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "animate",
    abstract: "Render a run as an animation with evenly paced changes.",
    discussion: "impasto animate runs/cat -o cat.gif --size 320 --seconds 4")

  @Argument(help: "A run's folder, or any folder of frames.")
  var folder: String

  @Option(name: .shortAndLong, help: "The result: .gif, .webp, or with ffmpeg .apng or .mp4.")
  var output: String

  @Option(help: ArgumentHelp("The longer side at most, in pixels.", valueName: "pixels"))
  var size = 480

  @Option(help: "The length in seconds, without the last frame, which is held.")
  var seconds = FrameSequence.defaultSeconds

  private static let sides = 16...4096
  private static let longest = 60.0

  mutating func validate() throws {
    try Validation.pixels(size, Self.sides, "--size")
    guard seconds > 0, seconds <= Self.longest else {
      throw ValidationError("--seconds \(seconds): must be above 0 and at most 60.")
    }
  }

  func run() throws {
    try Animation.checkWritable(output)
    let frames = try FrameSequence(folder: folder)
    try InputFiles(frames.files.map(\.path)).checkNotInput(output, key: "output")
    try frames.animation(longestSide: size, seconds: seconds).write(to: output)
  }
}
