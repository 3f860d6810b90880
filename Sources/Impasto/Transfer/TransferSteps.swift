import Files

/// The steps of a transfer, each computed when it is requested.
///
/// If its task is canceled, the sequence ends within one iteration, with a last step whose status
/// is `cancelled`. It throws `OptimizerError` if the loss overflows or never falls, `NetworkError` for
/// a picture that is too small, and `ModelFileError` for damaged weights.
public struct TransferSteps: AsyncSequence, Sendable {
  public typealias Element = TransferStep
  public typealias Failure = any Error

  let transfer: StyleTransfer
  let checkpoint: TransferCheckpoint?

  public func makeAsyncIterator() -> Iterator {
    Iterator(session: TransferSession(transfer, from: checkpoint))
  }

  public struct Iterator: AsyncIteratorProtocol, Sendable {
    let session: TransferSession

    public mutating func next() async throws -> TransferStep? {
      try await session.next()
    }

    /// Passes the state after the last step to `body`, which must not keep it: the next step
    /// changes its memory. Does nothing before the first step and after the end.
    package func withCheckpoint(
      _ body: @Sendable (TransferCheckpoint) throws -> Void
    ) async throws {
      try await session.withCheckpoint(body)
    }
  }
}
