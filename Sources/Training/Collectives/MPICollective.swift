import Foundation

#if MPI
import CMPI

/// The processes that mpirun or srun started.
package struct MPICollective: Collective {
  package let rank: Int
  package let count: Int
  package let localCount: Int

  fileprivate init() throws {
    var world = cmpi_world()
    guard cmpi_join(&world) else { throw CollectiveError.unavailable }
    (rank, count) = (Int(world.rank), Int(world.count))
    localCount = Int(world.local_count)
  }

  package func send(_ bytes: UnsafeRawBufferPointer, to rank: Int) {
    cmpi_send(bytes.baseAddress, bytes.count, Int32(rank))
  }

  package func receive(_ bytes: UnsafeMutableRawBufferPointer, from rank: Int) {
    cmpi_receive(bytes.baseAddress, bytes.count, Int32(rank))
  }

  package func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
    cmpi_broadcast(bytes.baseAddress, bytes.count)
  }
}
#endif

/// The processes of a training that was started once or several times.
package enum Processes {
  /// Joins the processes that mpirun or srun started; a process that was started alone stays alone.
  ///
  /// - Throws: `CollectiveError`.
  package static func join() throws -> any Collective {
    guard isOneOfSeveral else { return SingleProcess() }
    #if MPI
    return try MPICollective()
    #else
    throw CollectiveError.builtWithout
    #endif
  }

  /// Leaves the other processes in order; without it, mpirun reports a failure.
  package static func leave(_ collective: any Collective) {
    #if MPI
    if collective is MPICollective { cmpi_leave() }
    #endif
  }

  /// Whether mpirun, or srun with PMIx, started this process as one of several.
  private static var isOneOfSeveral: Bool {
    let environment = ProcessInfo.processInfo.environment
    if let count = environment["OMPI_COMM_WORLD_SIZE"].flatMap(Int.init) { return count > 1 }
    let tasks = environment["SLURM_NTASKS"].flatMap(Int.init) ?? 1
    return tasks > 1 && environment["PMIX_RANK"] != nil
  }
}

/// An error of several processes that cannot work together.
package enum CollectiveError: Error, Sendable, CustomStringConvertible {
  /// The package was built without MPI.
  case builtWithout
  /// Rank 0 has reported an error, which ends this process, too.
  case ended
  /// MPI cannot start.
  case unavailable

  package var description: String {
    switch self {
    case .builtWithout: "several processes need MPI; build with swift build --traits MPI."
    case .ended: "the training has ended."
    case .unavailable: "MPI cannot start."
    }
  }
}
