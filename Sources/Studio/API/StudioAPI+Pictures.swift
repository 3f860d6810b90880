#if Studio
import Foundation
import Hummingbird
import Pictures
import Runs

/// Uploads.
extension StudioAPI {
  private struct Pictures: Encodable { let pictures: [StudioPicture] }
  private struct RecipeText: Encodable {
    /// Nil for a picture without one.
    let recipe: String?
    let settings: [String: SettingValue]
  }

  var pictureEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/pictures") { request, _ in
        try .json(Pictures(pictures: library.pictures(kind(in: request))))
      },
      Endpoint(.post, "\(Self.prefix)/pictures") { request, _ in
        let kind = try kind(in: request) ?? .photo
        let file = try await receive(request, most: PictureIntake.mostBytes(kind))
        let name = request.query("name") ?? ""
        let picture = try await apart { try await intake.add(file, kind: kind, name: name) }
        return try .json(
          picture, status: .created, headers: [.location: "\(Self.prefix)/pictures/\(picture.id)"])
      },
      Endpoint(.get, "\(Self.prefix)/pictures/:id") { _, context in
        try .json(picture(context.id()))
      },
      Endpoint(.delete, "\(Self.prefix)/pictures/:id") { _, context in
        let id = try context.id()
        _ = try picture(id)
        guard try library.removePicture(id) else {
          throw APIError(.conflict, "A result was made from this picture; delete it first.")
        }
        return Response(status: .noContent)
      },
      Endpoint(.get, "\(Self.prefix)/pictures/:id/image") { _, context in
        try file(StudioFolder.picture(picture(context.id()).id), type: "image/png")
      },
      Endpoint(.get, "\(Self.prefix)/pictures/:id/thumbnail") { _, context in
        try file(StudioFolder.thumbnail(picture(context.id()).id), type: "image/jpeg")
      },
      Endpoint(.post, "\(Self.prefix)/recipes") { request, _ in
        let file = try await receive(request, most: PictureIntake.mostBytes(.photo))
        defer { unlink(file) }
        return try recipe(in: file)
      },
    ]
  }

  private func kind(in request: Request) throws -> StudioPicture.Kind? {
    guard let name = request.query("kind") else { return nil }
    guard let kind = StudioPicture.Kind(rawValue: name) else {
      throw APIError(.badRequest, "kind: must be photo, painting, mask or film.")
    }
    return kind
  }

  private func picture(_ id: Identifier) throws -> StudioPicture {
    guard let picture = try library.picture(id) else { throw APIError.notFound("picture") }
    return picture
  }

  /// A file of the studio's own.
  func file(_ path: String, type: String, name: String? = nil) throws -> Response {
    guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    else { throw APIError.notFound("file") }
    var response = Response.bytes(bytes, type: type, cache: "private, max-age=31536000, immutable")
    if let name { response.headers[.contentDisposition] = "attachment; filename=\"\(name)\"" }
    return response
  }

  /// Writes the body of a request to a temporary file.
  ///
  /// - Throws: `APIError` for a body that is too large, before more of it is read, and for a full disk.
  private func receive(_ request: Request, most: Int) async throws -> String {
    let tooLarge = APIError(
      .contentTooLarge, "The file is larger than \(most >> 20) MiB, the most for an upload.")
    if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw tooLarge
    }
    let path = StudioFolder.incoming()
    guard FileManager.default.createFile(atPath: path, contents: nil),
      let file = FileHandle(forWritingAtPath: path)
    else { throw APIError(.diskFull, "The upload cannot be stored.") }
    defer { try? file.close() }
    do {
      var count = 0
      for try await part in request.body {
        count += part.readableBytes
        guard count <= most else { throw tooLarge }
        do { try file.write(contentsOf: Data(part.readableBytesView)) } catch {
          throw APIError(.diskFull, FullDisk.message)
        }
      }
      guard count > 0 else { throw APIError(.badRequest, "The upload is empty.") }
    } catch {
      unlink(path)
      throw error
    }
    return path
  }

  /// The recipe that a result of Impasto carries.
  private func recipe(in path: String) throws -> Response {
    do {
      guard let text = try PictureFile(path).recipe else {
        return try .json(RecipeText(recipe: nil, settings: [:]))
      }
      let recipe = try RecipeFile(text: text, path: "recipe").recipe
      let settings = recipe.values.filter { JobRequest.keys.contains($0.key) }
      return try .json(
        RecipeText(
          recipe: text, settings: Dictionary(uniqueKeysWithValues: settings.map { ($0, $1) })))
    } catch let error as RecipeFileError {
      throw APIError(.unprocessableContent, "\(error)")
    } catch PictureError.unreadable(_, let reason) {
      throw APIError(.unprocessableContent, "The upload cannot be read: \(reason).")
    }
  }
}
#endif
