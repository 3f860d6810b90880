import ArgumentParser
import Impasto

/// Layers in a list, in which `conv1_1…conv5_1` (or with three dots) stands for the layers of
/// that number in all blocks between.
struct LayerRange {
  let names: [String]

  init(_ list: String, _ architecture: Architecture) throws {
    names = try list.split(separator: ",", omittingEmptySubsequences: false).flatMap { item in
      let ends = Self.ends(ofItem: item)
      do {
        let layers = try ends.map { try architecture.layer($0) }
        guard layers.count > 1 else { return [String(item)] }
        return try Self.between(layers, architecture).map { layer in
          // In the form of the request.
          layer.kind == .relu && item.hasPrefix("conv")
            ? "conv\(layer.block)_\(layer.number)" : layer.name
        }
      } catch let error as NetworkError {
        throw ValidationError("--layers: \(error)")
      }
    }
  }

  /// The layers that a list names, those at the ends of ranges among them.
  static func ends(of list: String) -> [String] {
    list.split(separator: ",", omittingEmptySubsequences: false).flatMap(ends(ofItem:))
  }

  private static func ends(ofItem item: Substring) -> [String] {
    item.replacingOccurrences(of: "...", with: "…")
      .split(separator: "…", omittingEmptySubsequences: false).map(String.init)
  }

  private static func between(_ ends: [Layer], _ architecture: Architecture) throws -> [Layer] {
    let (first, last) = (ends[0], ends[1])
    guard ends.count == 2, first.kind == last.kind, first.number == last.number,
      first.index < last.index
    else {
      throw ValidationError(
        "--layers \(first)…\(last): both ends must be the same layer of two blocks, such as "
          + "conv1_1…conv5_1.")
    }
    return architecture.layers.filter {
      $0.kind == first.kind && $0.number == first.number
        && (first.block...last.block).contains($0.block)
    }
  }
}
