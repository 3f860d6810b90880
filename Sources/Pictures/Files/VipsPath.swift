import Files

extension String {
  /// Calls a function of libvips with the bytes of a path.
  ///
  /// libvips takes brackets at the end of a name as options for the reader. Empty ones after them
  /// make them a part of the name.
  func withVipsPath<Result>(_ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
    try (hasSuffix("]") ? self + "[]" : self).withSystemPath(body)
  }
}
