/// The release of this package.
public enum Release {
  /// The version number, which is also the name of the Git tag.
  public static let version = "0.1.0"
}
