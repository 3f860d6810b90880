import Foundation

/// Numbered elements on their way between threads, a few at a time.
///
/// Elements are taken in the order of their numbers, whatever the order they come in. A full queue makes
/// those wait that add to it, an empty one those that take from it.
final class FilmQueue<Element>: @unchecked Sendable {
  private let condition = NSCondition()
  private let capacity: Int
  private var elements: [Int: Element] = [:]
  private var first = 0
  private var isEnded = false
  private var failure: (any Error)?

  init(capacity: Int) { self.capacity = capacity }

  /// Adds an element.
  ///
  /// - Parameter number: from 0, without gaps.
  /// - Returns: whether anyone still takes elements.
  func append(_ element: Element, number: Int) -> Bool {
    condition.withLock {
      while number >= first + capacity, !isEnded { condition.wait() }
      guard !isEnded else { return false }
      elements[number] = element
      condition.broadcast()
      return true
    }
  }

  /// Takes the next element; nil at the end.
  ///
  /// - Throws: the error that the queue ended with, after the elements before it.
  func next() throws -> (number: Int, element: Element)? {
    try condition.withLock {
      while elements[first] == nil, !isEnded { condition.wait() }
      guard let element = elements.removeValue(forKey: first) else {
        if let failure { throw failure }
        return nil
      }
      defer {
        first += 1
        condition.broadcast()
      }
      return (first, element)
    }
  }

  /// Ends the queue, for both sides.
  func end(_ error: (any Error)? = nil) {
    condition.withLock {
      guard !isEnded else { return }
      (isEnded, failure) = (true, error)
      condition.broadcast()
    }
  }
}
