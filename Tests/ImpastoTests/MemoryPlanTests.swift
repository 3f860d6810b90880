import Engine
import Impasto
import Networks
import Pictures
import TestSupport
import Testing

/// Plans for the memory of a transfer, and transfers that follow them.
@Suite struct MemoryPlanTests {
  private static func planner(
    _ side: Int, _ change: (inout TransferOptions) -> Void = { _ in }
  ) throws -> MemoryPlanner {
    var options = TransferOptions()
    change(&options)
    let size = PixelSize(width: side, height: side * 3 / 4)
    return try MemoryPlanner(
      options, photo: size, paintings: [PixelSize(width: 500, height: 400)], masks: 0,
      isGuided: false,
      network: ShippedNetwork.network(.max))
  }

  @Test func aPictureThatFitsIsProcessedAsAWhole() throws {
    let plan = try Self.planner(1024).plan(within: 4_000_000_000)
    #expect(plan.tileSide == nil && plan.fileBytes == 0 && plan.tiles == 1)
    #expect(plan.bytes > 500_000_000 && plan.bytes < 1_500_000_000)
  }

  /// Less memory first moves vectors to a file, and then divides the picture.
  @Test func lessMemoryTakesAFileAndThenTiles() throws {
    let planner = try Self.planner(2048)
    let whole = try planner.plan(within: .max)
    let file = try planner.plan(within: whole.bytes - 1)
    #expect(file.tileSide == nil && file.fileBytes > 0 && file.bytes < whole.bytes)
    let tiled = try planner.plan(within: file.bytes - 1)
    #expect(tiled.tileSide! < 2048 && tiled.tiles > 1)
    #expect(tiled.overlap > 1 && tiled.bytes < file.bytes)
    let smaller = try planner.plan(within: tiled.bytes - 50_000_000)
    #expect(smaller.tileSide! < tiled.tileSide! && smaller.overlap > tiled.overlap)
  }

  @Test func tooLittleMemoryNamesTheLeastMemoryAndTheLargestSize() throws {
    let planner = try Self.planner(4096)
    let error = try #require(
      #expect(throws: MemoryPlanError.self) { try planner.plan(within: 600_000_000) })
    #expect(error.leastBytes > 600_000_000)
    let largest = try #require(error.largestSide)
    #expect(largest < 4096)
    _ = try planner.plan(within: error.leastBytes)
    _ = try Self.planner(largest).plan(within: 600_000_000)
    #expect(throws: MemoryPlanError.self) {
      try Self.planner(largest * 21 / 20).plan(within: 600_000_000)
    }
    #expect("\(error)".contains("at most \(largest)"))
  }

  /// A recorded plan is followed even where more memory is free.
  @Test func tilesThatAreGivenAreKept() throws {
    let plan = try Self.planner(1024) { $0.tileSide = 400 }.plan(within: .max)
    let again = try Self.planner(1024) { $0.tileSide = plan.tileSide }.plan(within: .max)
    #expect(plan.tileSide! <= 400 && plan.tiles > 4 && plan.fileBytes == 0)
    #expect(again.tileSide == plan.tileSide && again.tiles == plan.tiles)
    let error = #expect(throws: SettingError.self) {
      try Self.planner(1024) { $0.tileSide = 30 }.plan(within: .max)
    }
    #expect(error?.key == "tile")
  }

  private static func picture(_ width: Int, _ height: Int, seed: UInt64) throws -> Picture {
    var random = SmallRandom(seed)
    return try Picture(pixels: random.tensor([height / 8, width / 8, 3], in: 0...1)).resized(
      to: PixelSize(width: width, height: height))
  }

  private static func run(
    tileSide: Int? = nil, usesFile: Bool = false, threads: Int = 2, iterations: Int = 6
  ) async throws -> TransferStep {
    let plan = MemoryPlan(
      parts: [], tileSide: tileSide, tiles: 0, overlap: 1, fileBytes: usesFile ? 1 : 0)
    let options = TransferOptions(
      longestSide: nil, iterations: iterations, scales: 2, threads: threads
    ).following(plan)
    return try await StyleTransfer(
      content: picture(200, 152, seed: 1), styles: [Style(picture(240, 200, seed: 2))],
      options: options, network: ShippedNetwork.network(.max)
    ).run()
  }

  @Test func aFileChangesNoBytes() async throws {
    let whole = try await Self.run()
    let inFile = try await Self.run(usesFile: true)
    #expect(inFile.losses == whole.losses)
    #expect(try inFile.picture() == whole.picture())
  }

  @Test func tilesChangeTheResultByRounding() async throws {
    let whole = try await Self.run()
    let tiled = try await Self.run(tileSide: 128, usesFile: true)
    #expect(abs(tiled.losses.total / whole.losses.total - 1) < 1e-2)
    let pair = try (tiled.picture().pixels.elements, whole.picture().pixels.elements)
    let mean = zip(pair.0, pair.1).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(pair.0.count)
    #expect(mean < 2e-3)
  }

  @Test func threadsDoNotChangeTheBytesOfTiles() async throws {
    let two = try await Self.run(tileSide: 128)
    let three = try await Self.run(tileSide: 128, threads: 3)
    #expect(try two.picture() == three.picture())
    #expect(try await Self.run(tileSide: 128, usesFile: true).picture() == two.picture())
  }
}
