import ArgumentParser
import Foundation
import Impasto
import NetworkStore
import Runs

/// What shells offer for options that take names or files.
enum Completion {
  /// Paintings and trained styles.
  static let styles = names {
    Painting.catalog.map(\.name) + ((try? TrainedStyles.names()) ?? [])
  }

  /// Networks that compare pictures.
  static let models = names { Model.catalog.map(\.name) + InstalledModels().names }

  /// Presets of settings.
  static let presets = names { ((try? Preset.all()) ?? []).map(\.name) }

  /// Names, and files that start like the word so far.
  private static func names(_ all: @escaping @Sendable () -> [String]) -> CompletionKind {
    .custom { _, _, prefix in
      Set(all() + files(prefix)).filter { $0.hasPrefix(prefix) }.sorted()
    }
  }

  private static func files(_ prefix: String) -> [String] {
    let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.map { folder + $0 }
  }
}
