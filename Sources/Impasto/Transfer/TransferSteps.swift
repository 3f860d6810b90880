import Files

/// The steps of a transfer, each computed when it is requested.
///
/// If its task is canceled, the sequence ends within one iteration, with a last step whose status
/// is `cancelled`. It throws `OptimizerError.notFinite` if the loss overflows, `NetworkError` for
/// a picture that is too small, and `ModelFileError` for damaged weights.
public struct TransferSteps: AsyncSequence, Sendable {
  public typealias Element = TransferStep
  public typealias Failure = any Error

  let transfer: StyleTransfer

  public func makeAsyncIterator() -> Iterator {
    Iterator(session: TransferSession(transfer))
  }

  public struct Iterator: AsyncIteratorProtocol, Sendable {
    let session: TransferSession

    public mutating func next() async throws -> TransferStep? {
      try await session.next()
    }
  }
}
