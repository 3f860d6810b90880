#if Studio
import Pictures

/// A picture or a film that was uploaded to the studio.
struct StudioPicture: Sendable, Codable, Hashable {
  /// What a picture is for.
  enum Kind: String, Sendable, Codable, CaseIterable {
    case photo, painting, mask
    /// A film, of which one frame is kept as its picture.
    case film
  }

  let id: Identifier
  let kind: Kind
  /// The name of the file that was uploaded, for people.
  let name: String
  let width: Int
  let height: Int
  /// The time of the upload, in seconds since 1970.
  let created: Double
  /// The length of a film in seconds; nil if it does not tell, and for pictures.
  var seconds: Double?
}
#endif
