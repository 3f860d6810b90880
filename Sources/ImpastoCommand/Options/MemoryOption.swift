import ArgumentParser

/// The memory that a picture may take.
struct MemoryOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The memory for a picture, such as 1.5GB or 800MB; a larger one is repainted in tiles (default: most of what is available).",
      valueName: "size"))
  var memory: MemorySize?
}

/// A number of bytes, written as `1.5GB` or `800MB`.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  private static let units: [(name: String, bytes: Double)] = [("GB", 1e9), ("MB", 1e6)]

  init?(argument: String) {
    guard let unit = Self.units.first(where: { argument.uppercased().hasSuffix($0.name) }),
      let number = Double(argument.dropLast(unit.name.count)), number > 0, number < 1e6
    else { return nil }
    bytes = Int(number * unit.bytes)
  }
}
