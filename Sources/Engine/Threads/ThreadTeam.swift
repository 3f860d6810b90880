import CKernels
import Dispatch
import Foundation
import Synchronization

/// A fork-join thread pool whose threads spin between sections.
///
/// An evaluation has about a hundred parallel sections, most of a millisecond or less.
/// `DispatchQueue.concurrentPerform` can take tens of microseconds to start and end one,
/// because its threads sleep in between. These threads spin briefly before they sleep, and take
/// about one microsecond.
final class ThreadTeam: Sendable {
  /// The number of threads, including the calling thread.
  let count: Int
  private let shared: Shared

  /// Starts threads, or as many of them as the system allows.
  init(count: Int) {
    shared = Shared()
    while shared.workers < count - 1, shared.startWorker() {}
    self.count = 1 + shared.workers
  }

  deinit { shared.end() }

  /// Runs `body` once on each thread and waits for all of them.
  ///
  /// Only one section can run at a time.
  func run(_ body: (_ member: Int) -> Void) {
    guard count > 1 else { return body(0) }
    // Every call of the body returns before this function does.
    withoutActuallyEscaping(body) { shared.run($0) }
  }

  /// The state that the threads share.
  private final class Shared: @unchecked Sendable {
    private let sections = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)
    /// Changes only before the first section.
    private var team: [Worker] = []
    /// The current section. `sections` publishes it: written before the increment, read after.
    private var body: ((_ member: Int) -> Void)?

    private final class Worker: Sendable {
      let isAsleep = Atomic<Bool>(false)
      let wakeUp = DispatchSemaphore(value: 0)
    }

    /// The number of spins before a worker goes to sleep: a few tenths of a millisecond.
    private static let spinCount = 10_000

    /// The number of threads.
    var workers: Int { team.count }

    /// Starts one more thread.
    ///
    /// - Returns: whether the system allows it.
    func startWorker() -> Bool {
      let (worker, member) = (Worker(), team.count + 1)
      guard SystemThread.start({ [self] in workerLoop(worker, member: member) }) else {
        return false
      }
      team.append(worker)
      return true
    }

    func run(_ body: @escaping (_ member: Int) -> Void) {
      self.body = body
      running.store(team.count, ordering: .relaxed)
      announce()
      body(0)
      var looks = 0
      while running.load(ordering: .acquiring) > 0 {
        looks += 1
        // With more threads than processors, a worker may need this thread's processor.
        if looks < Self.spinCount { ck_pause() } else { sched_yield() }
      }
      self.body = nil
    }

    func end() {
      isOver.store(true, ordering: .relaxed)
      announce()
    }

    private func announce() {
      sections.add(1, ordering: .sequentiallyConsistent)
      for worker in team
      where worker.isAsleep.exchange(false, ordering: .sequentiallyConsistent) {
        worker.wakeUp.signal()
      }
    }

    /// Runs sections until the team ends.
    private func workerLoop(_ worker: Worker, member: Int) {
      for section in 1... {
        waitForSection(section, worker)
        if isOver.load(ordering: .relaxed) { return }
        body!(member)
        running.subtract(1, ordering: .releasing)
      }
    }

    private func waitForSection(_ section: Int, _ worker: Worker) {
      while true {
        for _ in 0..<Self.spinCount {
          if sections.load(ordering: .acquiring) >= section { return }
          ck_pause()
        }
        worker.isAsleep.store(true, ordering: .sequentiallyConsistent)
        // The section may have started in the meantime. If the flag is still set, no wake-up
        // is coming; otherwise one has been or is being sent.
        if sections.load(ordering: .sequentiallyConsistent) >= section,
          worker.isAsleep.exchange(false, ordering: .sequentiallyConsistent)
        {
          return
        }
        // This may be a stale wake-up for a section found by spinning, hence the loop.
        worker.wakeUp.wait()
      }
    }
  }
}
