import ArgumentParser

/// The threads to compute on.
struct ThreadOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to compute on (default: one for each processor that may be used). The result does not depend on it.",
      valueName: "number"))
  var threads: Int?

  mutating func validate() throws {
    guard let threads, !(1...1024).contains(threads) else { return }
    throw ValidationError("--threads \(threads): must be between 1 and 1024.")
  }
}
