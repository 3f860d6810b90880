/// Which Impasto this is.
public enum Release {
  /// Its version, as in a tag.
  public static let version = "0.1.0"
}
