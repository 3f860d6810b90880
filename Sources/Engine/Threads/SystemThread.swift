import Foundation

/// A thread of the operating system, which may refuse to start one.
package enum SystemThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// Starts a detached thread.
  ///
  /// `Thread` of Foundation does not report that the system has refused it.
  ///
  /// - Returns: whether the thread has started.
  static func start(_ run: @escaping @Sendable () -> Void) -> Bool {
    let body = Unmanaged.passRetained(Body(run))
    #if canImport(Darwin)
    var thread: pthread_t?
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    if status == 0 { pthread_detach(thread!) }
    #else
    var thread = pthread_t()
    let status = pthread_create(
      &thread, nil,
      { context in
        Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    if status == 0 { pthread_detach(thread) }
    #endif
    if status != 0 { body.release() }
    return status == 0
  }

  /// The number of threads that can run at the same time, at most `count`.
  package static func startable(upTo count: Int) -> Int {
    let (mayEnd, ended) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    var started = 0
    while started < count,
      start({
        mayEnd.wait()
        ended.signal()
      })
    { started += 1 }
    for _ in 0..<started { mayEnd.signal() }
    for _ in 0..<started { ended.wait() }
    return started
  }
}
