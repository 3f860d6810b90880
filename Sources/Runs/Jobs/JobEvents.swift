/// The events of one run of a job. Each iterator runs the job anew.
public struct JobEvents: AsyncSequence, Sendable {
  public typealias Element = JobEvent
  public typealias Failure = Never

  let job: TransferJob
  let checkpoint: Checkpoint?

  public func makeAsyncIterator() -> Iterator { Iterator(run: JobRun(job, from: checkpoint)) }

  public struct Iterator: AsyncIteratorProtocol, Sendable {
    public typealias Failure = Never

    let run: JobRun

    public mutating func next() async -> JobEvent? { await run.next() }
  }
}
