import Dispatch
import Foundation
import Pictures
import Synchronization
import Testing

/// Threads that use libvips at the same time.
@Suite struct ConcurrentReadingTests {
  /// Runs a function on several threads at once and returns its results, in no order.
  private func onThreads<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (Int) -> Result
  ) -> [Result] {
    let results = Results<Result>()
    let done = DispatchGroup()
    for index in 0..<count {
      done.enter()
      Thread {
        let result = body(index)
        results.values.withLock { $0.append(result) }
        done.leave()
      }.start()
    }
    done.wait()
    return results.values.withLock { $0 }
  }

  private final class Results<Result: Sendable>: Sendable {
    let values = Mutex<[Result]>([])
  }

  /// Lets threads wait until all of them have arrived.
  private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private var missing: Int

    init(of count: Int) { missing = count }

    /// Gives up after two seconds.
    func arrive() {
      condition.withLock {
        missing -= 1
        condition.broadcast()
        let limit = Date().addingTimeInterval(2)
        while missing > 0, condition.wait(until: limit) {}
        if missing > 0 { isComplete = false }
      }
    }

    /// Whether nobody gave up.
    private(set) var isComplete = true
  }

  /// Each decoder waits inside its call until the other one is inside, too.
  ///
  /// Another test's call that waits to be alone keeps the second decoder out, so that an attempt
  /// may fail.
  @Test func twoDecodersAreInsideAtOnce() throws {
    let file = try PictureFile(PictureReadingTests.path("rgb.jpg"))
    let expected = try file.decoded(file.size)
    let haveMet = (0..<30).contains { _ in
      let meeting = Meeting(of: 2)
      let results = onThreads(2) { _ in try? file.decoded(file.size, onEntry: meeting.arrive) }
      #expect(results == [expected, expected])
      return meeting.isComplete
    }
    #expect(haveMet)
  }

  /// Good, damaged and unknown files keep their pixels and error messages, whatever other
  /// threads read.
  @Test func resultsAndErrorsAreTheirOwn() {
    @Sendable func result(_ name: String) -> String {
      do {
        let picture = try Picture(contentsOf: PictureReadingTests.path(name))
        return "\(picture.size) \(picture.pixels.elements.reduce(0, +))"
      } catch {
        return "\(error)"
      }
    }
    let names = [
      "rgb.png", "truncated-rgb.png", "rgb.jpg", "truncated-rgb.jpg", "garbage-profile.jpg",
      "not-a-picture.jpg", "rgb.webp", "truncated-rgb.webp", "rgb.tiff", "truncated-rgb.tiff",
      "float.tiff",
    ]
    let expected = Dictionary(uniqueKeysWithValues: names.map { ($0, result($0)) })
    let found = onThreads(8) { thread in
      (0..<50).map { i in
        let name = names[(thread + 3 * i) % names.count]
        return (name, result(name))
      }
    }
    for (name, result) in found.joined() { #expect(result == expected[name]) }
  }
}
