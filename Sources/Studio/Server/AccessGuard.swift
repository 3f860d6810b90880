#if Studio
import HTTPTypes
import Hummingbird

/// Refuses requests that other sites' pages or strangers send.
struct AccessGuard: RouterMiddleware {
  let policy: AccessPolicy

  /// The cookie that holds the secret after the first visit.
  private static let cookie = "impasto-studio"
  /// The parameter of the link that holds it at the first visit.
  private static let parameter = "token"

  func handle(
    _ request: Request, context: StudioContext,
    next: (Request, StudioContext) async throws -> Response
  ) async throws -> Response {
    guard policy.accepts(host: request.head.authority ?? "") else {
      throw APIError(.misdirectedRequest, "This name is not one of the studio's addresses.")
    }
    if request.method != .get, request.method != .head { try checkSource(request) }
    if let token = request.uri.queryParameters[Self.parameter[...]], request.uri.path == "/" {
      return try visit(String(token))
    }
    guard policy.accepts(token: token(of: request)) else {
      throw APIError(
        .unauthorized, "Open the link that impasto studio printed, or send its token.")
    }
    return try await next(request, context)
  }

  /// Refuses changes that the page of another site asks for.
  private func checkSource(_ request: Request) throws {
    let site = request.headers[.secFetchSite]
    let isOwn = site == nil || site == "same-origin" || site == "none"
    let origin = request.headers[.origin]
    guard isOwn, origin.map(policy.accepts(origin:)) ?? true else {
      throw APIError(.forbidden, "Pages of other sites must not change anything here.")
    }
  }

  /// Answers the link with the secret: the browser keeps it, and leaves it out of the address.
  private func visit(_ token: String) throws -> Response {
    guard policy.accepts(token: token) else {
      throw APIError(.unauthorized, "This link has another studio's token.")
    }
    return Response(
      status: .seeOther,
      headers: [
        .location: "/",
        .setCookie: "\(Self.cookie)=\(policy.token ?? ""); Path=/; HttpOnly; SameSite=Strict",
      ])
  }

  private func token(of request: Request) -> String? {
    let bearer = "Bearer "
    if let field = request.headers[.authorization], field.hasPrefix(bearer) {
      return String(field.dropFirst(bearer.count))
    }
    let cookies = request.headers[.cookie]?.split(separator: ";") ?? []
    let prefix = "\(Self.cookie)="
    return cookies.map { $0.drop { $0 == " " } }.first { $0.hasPrefix(prefix) }
      .map { String($0.dropFirst(prefix.count)) }
  }
}

extension HTTPField.Name {
  static let secFetchSite = HTTPField.Name("Sec-Fetch-Site")!
}
#endif
