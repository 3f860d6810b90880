#if Studio
import Hummingbird
import NIOCore

/// What belongs to a request while it is answered.
struct StudioContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: any Channel

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
#endif
