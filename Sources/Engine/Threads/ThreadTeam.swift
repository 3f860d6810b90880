import CKernels
import Dispatch
import Foundation
import Synchronization

/// Threads that do the same thing at the same time, again and again.
///
/// An evaluation has about a hundred parallel sections, most of a millisecond or less.
/// `DispatchQueue.concurrentPerform` can need tens of microseconds to start and end one,
/// because its threads sleep in between; these stay awake for a moment and need about one.
final class ThreadTeam: Sendable {
  /// The members, the calling thread among them.
  let count: Int
  private let shared: Shared

  init(count: Int) {
    self.count = count
    shared = Shared(helpers: count - 1)
    for index in 0..<count - 1 {
      let thread = Thread { [shared] in shared.help(index) }
      thread.qualityOfService = .userInitiated
      thread.start()
    }
  }

  deinit { shared.end() }

  /// Runs `body` once on each thread; one section at a time.
  func run(_ body: (_ member: Int) -> Void) {
    guard count > 1 else { return body(0) }
    // All calls of the body end before this one does.
    withoutActuallyEscaping(body) { shared.run($0) }
  }

  /// What the members tell one another.
  private final class Shared: @unchecked Sendable {
    private let sections = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)
    private let helpers: [Helper]
    /// Written before a section is counted, read after.
    private var body: ((_ member: Int) -> Void)?

    private final class Helper: Sendable {
      let isAsleep = Atomic<Bool>(false)
      let alarm = DispatchSemaphore(value: 0)
    }

    /// How often a helper looks for work before it goes to sleep: some tenths of a millisecond.
    private static let patience = 10_000

    init(helpers: Int) {
      self.helpers = (0..<helpers).map { _ in Helper() }
    }

    func run(_ body: @escaping (_ member: Int) -> Void) {
      self.body = body
      running.store(helpers.count, ordering: .relaxed)
      announce()
      body(0)
      var looks = 0
      while running.load(ordering: .acquiring) > 0 {
        looks += 1
        // With more threads than processors, the one that is waited for may need this one.
        if looks < Self.patience { ck_pause() } else { sched_yield() }
      }
      self.body = nil
    }

    func end() {
      isOver.store(true, ordering: .relaxed)
      announce()
    }

    private func announce() {
      sections.add(1, ordering: .sequentiallyConsistent)
      for helper in helpers
      where helper.isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
        helper.alarm.signal()
      }
    }

    /// A helper's life.
    func help(_ index: Int) {
      for section in 1... {
        waitForSection(section, helpers[index])
        if isOver.load(ordering: .relaxed) { return }
        body!(index + 1)
        running.subtract(1, ordering: .releasing)
      }
    }

    private func waitForSection(_ section: Int, _ helper: Helper) {
      while true {
        for _ in 0..<Self.patience {
          if sections.load(ordering: .acquiring) >= section { return }
          ck_pause()
        }
        helper.isAsleep.store(true, ordering: .sequentiallyConsistent)
        // It may have begun in between; then either nobody will wake this thread, or an
        // alarm is on its way.
        if sections.load(ordering: .sequentiallyConsistent) >= section,
          helper.isAsleep.exchange(false, ordering: .sequentiallyConsistent)
        {
          return
        }
        // It can be a late alarm for a section that this thread found by itself.
        helper.alarm.wait()
      }
    }
  }
}
