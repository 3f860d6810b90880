#if Studio
import HTTPTypes
import Hummingbird

/// An answer that says what is wrong with a request.
struct APIError: Error {
  let status: HTTPResponse.Status
  let message: String
  /// The setting that it is about.
  var setting: String?

  init(_ status: HTTPResponse.Status, _ message: String, setting: String? = nil) {
    (self.status, self.message, self.setting) = (status, message, setting)
  }

  static func notFound(_ what: String) -> APIError {
    APIError(.notFound, "There is no such \(what).")
  }

  /// The JSON of the answer.
  struct Body: Encodable {
    let error: Description

    struct Description: Encodable {
      let message: String
      let setting: String?
    }
  }

  var body: Body { Body(error: .init(message: message, setting: setting)) }
}

extension HTTPResponse.Status {
  /// RFC 4918, 11.5.
  static let diskFull = HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
}
#endif
