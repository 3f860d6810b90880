/// What libvips' and its libraries' error texts say about a file.
enum PictureFailure {
  /// The reason for a failure in plain words, without a full stop.
  static func text(of failure: String) -> String {
    let own = "impasto: "
    if failure.hasPrefix(own) { return String(failure.dropFirst(own.count)) }
    func says(_ parts: String...) -> Bool {
      parts.contains { failure.lowercased().contains($0) }
    }
    if says("is not a known file format", "is blocked") {
      return "it is no \(PictureFile.formats) picture"
    }
    if says("out of memory", "memory limit", "insufficient memory", "unable to alloc", "bad_alloc")
    {
      return "it is too large for memory"
    }
    if says("unsupported", "not supported", "not implemented", "samples out of range") {
      return "it has a feature that is not supported (\(failure)); save it as PNG"
    }
    return "it is damaged (\(failure))"
  }
}
