#if Studio
import Foundation
import Synchronization

/// Something that happened in the studio, as clients receive it.
struct StudioEvent: Sendable {
  /// The number, which grows from event to event, also over a restart of the studio.
  let number: Int
  /// The job that it is about; nil for the queue.
  let job: Identifier?
  let name: Name
  /// A JSON object.
  let data: String

  enum Name: String, Sendable {
    /// A job was added, or has changed.
    case job
    /// A job was removed for good.
    case removed
    /// An iteration of a job ended.
    case step
    /// The progress of a job, with the number of its preview.
    case progress
    /// The queue was paused, or goes on.
    case queue
    /// Events were missed; everything must be read again.
    case reload
  }
}

/// Gives events to everybody who watches.
final class EventHub: Sendable {
  private struct State {
    var last: Int
    /// The last events, for watchers that were away for a moment.
    var recent: [StudioEvent] = []
    var watchers: [Int: (job: Identifier?, stream: AsyncStream<StudioEvent>.Continuation)] = [:]
    var nextWatcher = 0
  }

  private let state: Mutex<State>

  /// The events that are kept for watchers that come back.
  private static let mostRecent = 2000
  /// The events that wait for a slow watcher. One that is slower is sent away, so that memory stays
  /// bounded.
  private static let mostWaiting = 256

  init() {
    state = Mutex(State(last: Int(Library.now * 1000)))
  }

  /// An object with the name of its job.
  private struct Payload<Content: Encodable>: Encodable {
    let id: Identifier?
    let content: Content

    private enum CodingKeys: CodingKey { case id }

    func encode(to encoder: any Encoder) throws {
      try content.encode(to: encoder)
      guard let id else { return }
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(id, forKey: .id)
    }
  }

  /// The number of watchers.
  var watcherCount: Int { state.withLock { $0.watchers.count } }

  /// Tells all watchers.
  func post(_ name: StudioEvent.Name, job: Identifier? = nil, _ data: some Encodable) {
    guard let json = try? JSONEncoder().encode(Payload(id: job, content: data)) else { return }
    state.withLock { state in
      state.last += 1
      let event = StudioEvent(
        number: state.last, job: job, name: name, data: String(decoding: json, as: UTF8.self))
      state.recent.append(event)
      state.recent.removeFirst(max(0, state.recent.count - Self.mostRecent))
      for (number, watcher) in state.watchers where watcher.job == nil || watcher.job == job {
        guard case .dropped = watcher.stream.yield(event) else { continue }
        // It comes back with the number of the last event that it has.
        watcher.stream.finish()
        state.watchers.removeValue(forKey: number)
      }
    }
  }

  /// The events from now on.
  ///
  /// - Parameters:
  ///   - job: the only job of interest; nil for everything.
  ///   - number: the last event that was received before; those after it come first.
  func events(of job: Identifier?, after number: Int?) -> AsyncStream<StudioEvent> {
    AsyncStream(bufferingPolicy: .bufferingOldest(Self.mostWaiting)) { stream in
      let watcher = state.withLock { state in
        for event in Self.missed(state, after: number)
        where job == nil || event.job == job || event.name == .reload {
          stream.yield(event)
        }
        defer { state.nextWatcher += 1 }
        state.watchers[state.nextWatcher] = (job, stream)
        return state.nextWatcher
      }
      stream.onTermination = { [self] reason in
        // The lock is held while a slow watcher is sent away.
        guard case .cancelled = reason else { return }
        state.withLock { _ = $0.watchers.removeValue(forKey: watcher) }
      }
    }
  }

  private static func missed(_ state: State, after number: Int?) -> [StudioEvent] {
    guard let number, number != state.last else { return [] }
    let first = state.recent.first?.number ?? state.last + 1
    guard number >= first - 1, number < state.last else {
      return [StudioEvent(number: state.last, job: nil, name: .reload, data: "{}")]
    }
    return state.recent.filter { $0.number > number }
  }
}
#endif
