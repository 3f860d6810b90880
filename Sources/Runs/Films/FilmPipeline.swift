import Foundation
import Impasto
import Pictures
import Synchronization

/// The stages of a film, which work at the same time: reading with optical flow on a thread, networks that
/// repaint a frame each on a thread or several, and smoothing with writing on a thread.
struct FilmPipeline: @unchecked Sendable {
  private let source: FilmSource
  private let sink: FilmSink
  private let painters: [StylizeJob]
  private let depth: PackedPicture.Depth
  private let path: String

  /// - Parameters:
  ///   - painters: equal networks, each of which one thread uses.
  ///   - depth: the depth of repainted frames.
  ///   - path: the film, for messages.
  init(
    _ source: FilmSource, _ painters: [StylizeJob], _ sink: FilmSink, depth: PackedPicture.Depth,
    path: String
  ) {
    (self.source, self.painters, self.sink) = (source, painters, sink)
    (self.depth, self.path) = (depth, path)
  }

  /// Runs all stages to their end.
  ///
  /// After a cancellation of the task the frames that were read are still written.
  ///
  /// - Parameter progress: receives the number of frames that are written, and the last of them; called from
  ///   one thread.
  /// - Returns: the seconds that the networks worked, all together.
  /// - Throws: the first error of a stage. The frames before it are written.
  func run(progress: @escaping (Int, PackedPicture) -> Void) async throws -> Double {
    let reading = source.start()
    return try await withTaskCancellationHandler {
      try run(reading, progress)
    } onCancel: {
      reading.queue.end()
    }
  }

  private func run(
    _ reading: FilmSource.Reading, _ progress: @escaping (Int, PackedPicture) -> Void
  ) throws -> Double {
    let painted = FilmQueue<(item: FilmSource.Item, result: PackedPicture)>(
      capacity: painters.count + 2)
    let seconds = Mutex(0.0)
    let paintersEnded = painters.map { painter in
      // Only this thread uses the painter.
      nonisolated(unsafe) let painter = painter
      return thread {
        do {
          while let (number, item) = try reading.queue.next() {
            let start = ContinuousClock.now
            let (result, _) = try painter.repainted(
              item.frame.picture, path: path, depth: depth)
            let time = (ContinuousClock.now - start) / .seconds(1)
            seconds.withLock { $0 += time }
            guard painted.append((item, result), number: number) else { break }
          }
        } catch { painted.end(error) }
      }
    }
    let failure = Mutex<(any Error)?>(nil)
    nonisolated(unsafe) let progress = progress
    let sinkEnded = thread {
      do {
        do {
          while let (_, element) = try painted.next() {
            if let result = try sink.write(element.item, element.result) {
              progress(sink.count, result)
            }
          }
        } catch {
          failure.withLock { $0 = error }
          painted.end(error)
        }
        try sink.finish()
      } catch {
        failure.withLock { $0 = $0 ?? error }
      }
    }
    for ended in paintersEnded { ended.wait() }
    reading.end()
    painted.end()
    sinkEnded.wait()
    if let error = failure.withLock({ $0 }) { throw error }
    return seconds.withLock { $0 }
  }

  private func thread(_ body: @escaping @Sendable () -> Void) -> DispatchSemaphore {
    let ended = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      body()
      ended.signal()
    }
    return ended
  }
}
