#if Studio
import Pictures

/// A picture that was uploaded to the studio.
struct StudioPicture: Sendable, Codable, Hashable {
  /// What a picture is for.
  enum Kind: String, Sendable, Codable, CaseIterable {
    case photo, painting, mask
  }

  let id: Identifier
  let kind: Kind
  /// The name of the file that was uploaded, for people.
  let name: String
  let width: Int
  let height: Int
  /// The time of the upload, in seconds since 1970.
  let created: Double
}
#endif
