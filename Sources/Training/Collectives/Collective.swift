/// The processes that share the steps of a training.
///
/// All of them call the same functions in the same order. Calls may come from any thread, but only one
/// at a time.
package protocol Collective: Sendable {
  /// The number of this process, from 0.
  var rank: Int { get }
  /// The number of processes.
  var count: Int { get }
  /// The number of processes on this machine.
  var localCount: Int { get }

  func send(_ bytes: UnsafeRawBufferPointer, to rank: Int)
  func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int)
  /// Gives all processes the bytes of rank 0.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer)
}

extension Collective {
  /// The samples of a batch that a process computes.
  func share(of batch: Int, rank: Int) -> Range<Int> {
    batch * rank / count..<batch * (rank + 1) / count
  }

  /// The process that computes a sample of a batch.
  func owner(of sample: Int, in batch: Int) -> Int {
    (0..<count).first { share(of: batch, rank: $0).contains(sample) }!
  }

  /// The value of rank 0, for all processes.
  func agreed(_ value: Bool) -> Bool {
    var byte: UInt8 = value ? 1 : 0
    withUnsafeMutableBytes(of: &byte) { broadcast($0) }
    return byte == 1
  }
}

extension Collective {
  /// Runs a part of the preparation, which all processes do alike. An error of rank 0 ends all of them,
  /// and it alone reports it.
  ///
  /// - Throws: errors of `body`, and `CollectiveError.ended` in the other processes if it failed at rank 0.
  package func together<Value>(_ body: () throws -> Value) throws -> Value {
    let result = Swift.Result(catching: body)
    let isReady = agreed((try? result.get()) != nil)
    guard isReady || rank == 0 else { throw CollectiveError.ended }
    return try result.get()
  }
}

/// A training in one process.
package struct SingleProcess: Collective {
  package let rank = 0
  package let count = 1
  package let localCount = 1

  package init() {}

  package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {}
  package func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {}
  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {}
}
