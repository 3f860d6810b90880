import ArgumentParser
import Engine
import Foundation
import Impasto

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time the work of one iteration, layer by layer.",
    discussion: """
      GFLOP/s count the operations of the plain method; Winograd's method needs a quarter of them or less, so that \
      they may exceed the processor's peak. The limit is the time for the operations that are left, at the peak.
      """)

  @OptionGroup var modelOption: ModelOption
  @OptionGroup var precisionOption: PrecisionOption

  @Option(help: "The picture's width in pixels.")
  var width = 512

  @Option(help: "The picture's height in pixels.")
  var height = 512

  @Option(help: "How often each measurement is repeated.")
  var rounds = 7

  @OptionGroup var threadOption: ThreadOption

  @Flag(help: "Only opens the file of weights and reads its convolutions.")
  var reading = false

  @Flag(help: "Time a sample of a training instead; its side is --width.")
  var training = false

  @Flag(help: "Prints one JSON object.")
  var json = false

  mutating func validate() throws {
    try Validation.side(width, "--width")
    try Validation.side(height, "--height")
    try Validation.atLeast(1, rounds, "--rounds")
    if training, json || reading {
      throw ValidationError("--training: cannot be combined with --json or --reading.")
    }
    if training, width % 4 != 0 {
      throw ValidationError("--width must be a multiple of 4 with --training.")
    }
  }

  func run() throws {
    if reading { return try timeReading() }
    if training { return try timeTraining() }
    let benchmark = try Benchmark(
      width: width, height: height, rounds: rounds, threads: threadOption.threads
    ) {
      try modelOption.network(standard: .vgg16HED, precision: precisionOption.chosen)
    }
    if json {
      try StandardStreams.print(try JSON.line(Summary(benchmark, self)))
    } else {
      try printTable(benchmark)
    }
  }

  private func timeReading() throws {
    var numbers = 0
    let duration = try ContinuousClock().measure {
      numbers = try modelOption.network(standard: .vgg16HED).weights.readAll()
    }
    try StandardStreams.print(
      String(format: "%d numbers read after %.2f s", numbers, duration / .seconds(1))
        + ", peak memory \(Int(Self.peakMemory / 1e6)) MB")
  }

  private func timeTraining() throws {
    let benchmark = try TrainingBenchmark(
      side: width, rounds: rounds, threads: threadOption.threads,
      network: modelOption.network(standard: .vgg16HED, precision: precisionOption.chosen))
    func row(_ names: [String], _ seconds: Double, _ operations: Double) -> [String] {
      let rate = operations / seconds
      return names + [
        String(format: "%.2f", seconds * 1e3), String(format: "%.0f", rate / 1e9),
        String(format: "%.0f", 100 * rate / benchmark.peak),
      ]
    }
    func sum(_ rows: [TrainingBenchmark.Row], _ value: (TrainingBenchmark.Row) -> Double) -> Double
    {
      rows.reduce(0) { $0 + value($1) }
    }
    let steps = benchmark.rows.map {
      row([$0.network, $0.layer, "\($0.part)"], $0.seconds, $0.operations)
    }
    let sums = benchmark.parts.map { network, part in
      let rows = benchmark.rows.filter { $0.network == network && $0.part == part }
      return row([network, "all", "\(part)"], sum(rows, \.seconds), sum(rows, \.operations))
    }
    let whole = row(["", "one sample", ""], benchmark.seconds, sum(benchmark.rows, \.operations))
    let table = TextTable(
      header: ["network", "layer", "part", "ms", "GFLOP/s", "% of peak"],
      rows: steps + sums + [whole])
    try StandardStreams.print(table.text)
  }

  private func printTable(_ benchmark: Benchmark) throws {
    func padded(_ text: String) -> String {
      text.padding(toLength: 34, withPad: " ", startingAt: 0)
    }
    try StandardStreams.print(padded("") + "              ms   GFLOP/s  limit, ms")
    let peak = benchmark.product.peak
    for row in benchmark.rows {
      let part = "\(row.part)".padding(toLength: 8, withPad: " ", startingAt: 0)
      let rate = row.operations / row.seconds / 1e9
      let least = row.leastOperations / peak
      try StandardStreams.print(
        padded(row.name) + part
          + String(format: "%8.2f  %8.0f  %9.2f", row.seconds * 1e3, rate, least * 1e3))
    }
    let operations = benchmark.rows.reduce(0) { $0 + $1.operations }
    let least = benchmark.rows.reduce(0) { $0 + $1.leastOperations }
    try StandardStreams.print(
      padded("one evaluation") + "        "
        + String(
          format: "%8.2f  %8.0f  %9.2f", benchmark.median * 1e3,
          operations / benchmark.median / 1e9, least / peak * 1e3))
    for (name, seconds) in benchmark.optimizers {
      let share = String(format: "  %.1f %% of an evaluation", 100 * seconds / benchmark.median)
      try StandardStreams.print(
        padded("a step of \(name) beside it") + "        "
          + String(format: "%8.2f", seconds * 1e3) + share)
    }
    for (channels, rate) in benchmark.product.products {
      try StandardStreams.print(
        "product of \(channels) channels: "
          + String(format: "%.0f GFLOP/s, %.0f %% of the peak", rate / 1e9, 100 * rate / peak))
    }
    try StandardStreams.print(String(format: "weights ready after %.2f s", benchmark.preparation))
    try StandardStreams.print("peak memory \(Int(Self.peakMemory / 1e6)) MB")
  }

  /// The process's maximum resident size in bytes.
  private static var peakMemory: Double {
    var usage = rusage()
    #if os(Linux)
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) * 1024
    #else
    getrusage(RUSAGE_SELF, &usage)
    return Double(usage.ru_maxrss)
    #endif
  }

  /// What --json prints.
  private struct Summary: Encodable {
    let name = "impasto"
    let precision: String
    let kernels: String
    let threads: Int
    let width: Int
    let height: Int
    let seconds: [Double]
    let preparationSeconds: Double
    let optimizerSeconds: [String: Double]
    let peakMegabytes: Double
    let peakGigaflops: Double
    let productGigaflops: [String: Double]

    init(_ benchmark: Benchmark, _ command: BenchCommand) throws {
      peakMegabytes = (peakMemory / 1e6).rounded()
      let products = benchmark.product
      precision = command.precisionOption.chosen.rawValue
      kernels = try Kernels.chosen().name
      threads = benchmark.threads
      (width, height) = (command.width, command.height)
      seconds = benchmark.evaluations
      preparationSeconds = benchmark.preparation
      optimizerSeconds = Dictionary(
        uniqueKeysWithValues: benchmark.optimizers.map { ($0.name, $0.seconds) })
      peakGigaflops = (products.peak / 1e9).rounded()
      productGigaflops = Dictionary(
        uniqueKeysWithValues: products.products.map {
          (String($0.channels), ($0.rate / 1e9).rounded())
        })
    }
  }
}
