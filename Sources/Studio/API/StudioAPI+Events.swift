#if Studio
import Foundation
import HTTPTypes
import Hummingbird

/// Server-sent events, as the HTML standard defines them.
extension StudioAPI {
  var eventEndpoints: [Endpoint] {
    [
      Endpoint(.get, "\(Self.prefix)/events") { request, _ in events(of: nil, request) },
      Endpoint(.get, "\(Self.prefix)/jobs/:id/events") { request, context in
        events(of: try job(context).id, request)
      },
    ]
  }

  /// The time without an event after which a comment keeps the connection alive.
  private static let pause = Duration.seconds(15)

  private func events(of job: Identifier?, _ request: Request) -> Response {
    let last = request.headers[HTTPField.Name("Last-Event-ID")!].flatMap { Int($0) }
    let events = hub.events(of: job, after: last)
    return Response(
      status: .ok,
      headers: [.contentType: "text/event-stream", .cacheControl: "no-store"],
      body: ResponseBody { writer in
        try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
        for await text in Self.texts(events) {
          try await writer.write(ByteBuffer(string: text))
        }
        try await writer.finish(nil)
      })
  }

  /// The text of events, with comments between those that are far apart.
  private static func texts(_ events: AsyncStream<StudioEvent>) -> AsyncStream<String> {
    AsyncStream(bufferingPolicy: .bufferingOldest(64)) { stream in
      let forwarding = Task {
        for await event in events {
          let text = "id: \(event.number)\nevent: \(event.name.rawValue)\ndata: \(event.data)\n\n"
          if case .dropped = stream.yield(text) { break }
        }
        stream.finish()
      }
      let beating = Task {
        while !Task.isCancelled {
          try? await Task.sleep(for: pause)
          stream.yield(": still here\n\n")
        }
      }
      stream.onTermination = { _ in
        forwarding.cancel()
        beating.cancel()
      }
    }
  }
}
#endif
