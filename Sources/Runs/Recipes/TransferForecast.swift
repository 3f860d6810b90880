import Impasto
import NetworkStore

/// What a transfer is going to take: its sizes, its memory and its time.
public struct TransferForecast: Sendable {
  /// A size that the picture goes through.
  public struct Scale: Sendable, Hashable {
    /// The size without the margin.
    public let size: PixelSize
    /// The most iterations.
    public let iterations: Int
    /// The expected time of all iterations in seconds.
    public let seconds: Double
  }

  /// The sizes, the coarsest first.
  public let scales: [Scale]
  /// The use of memory.
  public let memory: MemoryPlan

  /// The expected time in seconds, if no scale ends early.
  public var seconds: Double { scales.reduce(0) { $0 + $1.seconds } }

  /// Plans a transfer, and measures the speed of this machine with a small picture.
  ///
  /// - Parameters:
  ///   - memory: the bytes of memory for the transfer; nil for most of what is available.
  ///   - threads: the number of threads; nil for all processors that may be used.
  /// - Throws: the errors of `RecipeTransfer`, without those of pictures that cannot be decoded.
  public init(
    _ recipe: Recipe, networks: NetworkCache = NetworkCache(), memory: Int? = nil,
    threads: Int? = nil
  ) throws {
    let files = try RecipeInputs(recipe)
    let network = try recipe.network(from: networks)
    let setup = TransferSetup(
      recipe: recipe.filled(), files: files, network: network, threads: threads, memory: memory)
    let plan = try setup.memoryPlan()
    let options = try setup.options().following(plan)
    let speed = try TransferSpeed(options, network: network)
    let count = options.scales(photo: setup.size, paintings: setup.sizedPaintings)
    let sizes = ScalePlan.sizes(of: setup.size, scales: count)
    let iterations = options.iterations(sizes: sizes)
    self.memory = plan
    scales = zip(sizes, iterations).map { size, iterations in
      Scale(
        size: size, iterations: iterations,
        seconds: Double(iterations) * speed.seconds(of: size, plan))
    }
  }
}
