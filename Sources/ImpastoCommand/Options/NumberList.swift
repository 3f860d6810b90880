/// Numbers with commas between them, such as `3,7`.
enum NumberList {
  /// The numbers. What is none becomes NaN, which no setting accepts.
  static func numbers(_ list: String) -> [Double] {
    list.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
  }
}
