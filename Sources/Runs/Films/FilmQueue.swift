import Foundation

/// A queue of a few elements between two threads: one that is full or empty makes its user wait.
final class FilmQueue<Element>: @unchecked Sendable {
  private let condition = NSCondition()
  private let capacity: Int
  private var elements: [Element] = []
  private var isEnded = false
  private var failure: (any Error)?

  init(capacity: Int) { self.capacity = capacity }

  /// Adds an element.
  ///
  /// - Returns: whether anyone still reads.
  func append(_ element: Element) -> Bool {
    condition.withLock {
      while elements.count >= capacity, !isEnded { condition.wait() }
      guard !isEnded else { return false }
      elements.append(element)
      condition.broadcast()
      return true
    }
  }

  /// The next element; nil at the end.
  ///
  /// - Throws: the error that the queue ended with.
  func next() throws -> Element? {
    try condition.withLock {
      while elements.isEmpty, !isEnded { condition.wait() }
      guard elements.isEmpty else {
        defer { condition.broadcast() }
        return elements.removeFirst()
      }
      if let failure { throw failure }
      return nil
    }
  }

  /// Ends the queue, for both sides. Its elements can still be read.
  func end(_ error: (any Error)? = nil) {
    condition.withLock {
      guard !isEnded else { return }
      (isEnded, failure) = (true, error)
      condition.broadcast()
    }
  }
}
