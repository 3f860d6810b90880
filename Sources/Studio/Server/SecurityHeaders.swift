#if Studio
import HTTPTypes
import Hummingbird

/// Adds the fields that keep browsers from running, framing or misreading anything that is not the
/// studio's own.
struct SecurityHeaders: RouterMiddleware {
  private static let fields: [(HTTPField.Name, String)] = [
    (
      .contentSecurityPolicy,
      """
      default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
      media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
      frame-ancestors 'none'
      """
    ),
    (.xContentTypeOptions, "nosniff"),
    (HTTPField.Name("Referrer-Policy")!, "no-referrer"),
    (HTTPField.Name("Cross-Origin-Opener-Policy")!, "same-origin"),
    (HTTPField.Name("Cross-Origin-Resource-Policy")!, "same-origin"),
  ]

  func handle(
    _ request: Request, context: StudioContext,
    next: (Request, StudioContext) async throws -> Response
  ) async throws -> Response {
    var response = try await next(request, context)
    for (name, value) in Self.fields { response.headers[name] = value }
    return response
  }
}
#endif
