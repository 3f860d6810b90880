import Foundation

/// The folder of what Impasto keeps for a user.
public enum DataFolder {
  /// The folder `impasto` of the user's data folder, by the XDG Base Directory Specification:
  /// `$XDG_DATA_HOME`, or `~/.local/share`. It may not exist yet.
  public static func url(
    _ environment: [String: String] = ProcessInfo.processInfo.environment
  ) -> URL {
    let data: URL
    if let path = environment["XDG_DATA_HOME"], path.hasPrefix("/") {
      data = URL(fileURLWithPath: path, isDirectory: true)
    } else {
      let home = environment["HOME"].map { URL(fileURLWithPath: $0, isDirectory: true) }
      data = (home ?? FileManager.default.homeDirectoryForCurrentUser)
        .appendingPathComponent(".local/share", isDirectory: true)
    }
    return data.appendingPathComponent("impasto", isDirectory: true)
  }
}
