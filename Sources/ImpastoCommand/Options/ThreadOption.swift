import ArgumentParser
import Engine

/// The threads to compute on.
struct ThreadOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Threads to compute on (default: one for each processor that may be used). The result does not depend on it.",
      valueName: "number"))
  var threads: Int?

  /// The threads that libraries need besides: for decoding, signals and tasks.
  private static let reserve = 8

  mutating func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): must be between 1 and 1024.")
    }
    let processors = ProcessorCount.available
    if let threads, threads > processors {
      Terminal.note("--threads \(threads): using \(processors), as many as there are processors.")
      self.threads = processors
    }
    try checkLimit(threads ?? processors)
  }

  /// Uses fewer threads where the system allows no more.
  private mutating func checkLimit(_ count: Int) throws {
    let startable = SystemThread.startable(upTo: count + Self.reserve) - Self.reserve
    guard startable < count else { return }
    guard startable >= 1 else {
      throw ValidationError(
        "The system allows too few threads (\(startable + Self.reserve) of \(1 + Self.reserve)); "
          + "raise the limit on processes, ulimit -u, or on memory, ulimit -v.")
    }
    Terminal.note("Using \(startable) of \(count) threads, because the system allows no more.")
    threads = startable
  }
}
