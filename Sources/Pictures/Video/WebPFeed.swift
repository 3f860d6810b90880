import Foundation
import Synchronization

/// A thread that decodes a WebP animation for ffmpeg's standard input.
final class WebPFeed: Sendable {
  private let error = Mutex<FilmError?>(nil)

  /// Why the animation could not be decoded to its end; nil if it could be so far.
  var failure: FilmError? { error.withLock { $0 } }

  /// Starts the thread, which ends with the program.
  init(_ path: String, to program: FFmpeg) {
    Thread.detachNewThread { [self] in
      do {
        try Self.write(path, to: program.input!)
      } catch let failure as FilmError {
        error.withLock { $0 = failure }
      } catch is NUTError {
        // The program ended first, and its own message says why.
      } catch {
        self.error.withLock { $0 = .unreadable(path: path, reason: "\(error)") }
      }
      program.closeInput()
    }
  }

  private static func write(_ path: String, to descriptor: Int32) throws {
    guard let animation = try WebPAnimation(path: path) else {
      throw FilmError.unreadable(path: path, reason: "it has changed")
    }
    var output = try NUTWriter(
      NUT.Stream(size: animation.size, timeBase: Ratio(1, 1000)), to: descriptor)
    var time = 0
    for (index, delay) in animation.delays.enumerated() {
      try output.write(animation.frame(index), timestamp: time)
      time += delay
    }
  }
}
