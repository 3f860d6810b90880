#if Studio
import Foundation

/// A thread of its own for tasks that compute for long, so that they never keep the server's threads busy.
///
/// It and the threads that it starts yield to others, so that the machine stays usable.
final class WorkThread: TaskExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  /// Guarded by the condition.
  private var jobs: [UnownedJob] = []

  /// How far the system prefers other threads, from 0 to 19.
  private static let niceness: Int32 = 5

  init(_ name: String) {
    let thread = Thread { [self] in
      #if os(Linux)
      // On Linux this is the priority of the thread, which its threads inherit.
      setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, Self.niceness)
      #endif
      while true { next().runSynchronously(on: asUnownedTaskExecutor()) }
    }
    thread.name = name
    thread.stackSize = 8 << 20
    thread.start()
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.withLock {
      jobs.append(job)
      condition.signal()
    }
  }

  private func next() -> UnownedJob {
    condition.withLock {
      while jobs.isEmpty { condition.wait() }
      return jobs.removeFirst()
    }
  }
}
#endif
