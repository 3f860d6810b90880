#if Studio
import Hummingbird
import Impasto
import Runs

/// The styles, and the settings with their defaults.
extension StudioAPI {
  private struct Styles: Encodable { let styles: [StudioStyle] }
  private struct Settings: Encodable { let settings: [StudioSetting] }

  var styleEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/styles") { _, _ in
        try .json(Styles(styles: StudioStyle.all()))
      },
      Endpoint(.get, "\(Self.prefix)/styles/:name/thumbnail") { _, context in
        let name = context.parameters.get("name")
        guard let style = try StudioStyle.all().first(where: { $0.name == name }) else {
          throw APIError.notFound("style")
        }
        let picture = try await apart { try await thumbnails.thumbnail(style) }
        return .bytes(picture, type: "image/jpeg", cache: "max-age=86400")
      },
      Endpoint(.get, "\(Self.prefix)/settings") { _, _ in
        try .json(Settings(settings: StudioSetting.all))
      },
    ]
  }
}
#endif
