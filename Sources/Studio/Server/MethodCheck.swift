#if Studio
import HTTPTypes
import Hummingbird

/// Refuses methods that an address does not have.
struct MethodCheck: RouterMiddleware {
  let endpoints: [Endpoint]

  func handle(
    _ request: Request, context: StudioContext,
    next: (Request, StudioContext) async throws -> Response
  ) async throws -> Response {
    let own = endpoints.filter { $0.matches(request.uri.path) }.map(\.method)
    let allowed = own + (own.contains(.get) ? [.head] : [])
    guard !own.isEmpty, !allowed.contains(request.method) else {
      return try await next(request, context)
    }
    let list = allowed.map(\.rawValue).joined(separator: ", ")
    let error = APIError(.methodNotAllowed, "This address takes only \(list).")
    return try .json(error.body, status: error.status, headers: [.allow: list])
  }
}
#endif
