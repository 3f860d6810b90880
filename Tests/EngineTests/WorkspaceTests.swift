import Engine
import Foundation
import Synchronization
import Testing

@Suite struct WorkspaceTests {
  /// Runs sections back to back, and after pauses in which workers fall asleep, also with more
  /// threads than processors.
  @Test(arguments: [1, 2, 7])
  func everyIndexRunsOnceInEverySection(threads: Int) {
    let workspace = Workspace(kernels: Kernels.available[0], threads: threads)
    for section in 0..<3000 {
      let count = section % 23
      let runs = (0..<count).map { _ in Counter() }
      workspace.parallel(count) { runs[$0].value.add(1, ordering: .relaxed) }
      #expect(runs.allSatisfy { $0.value.load(ordering: .relaxed) == 1 })
      if section % 300 == 0 { usleep(3000) }
    }
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  @Test func scratchMemoryBelongsToOneIndexAtATime() {
    let workspace = Workspace(kernels: Kernels.available[0], threads: 4)
    let intact = Counter()
    workspace.parallel(200, scratch: 1000) { index, scratch in
      for i in 0..<1000 { scratch[i] = Float(index) }
      if (0..<1000).allSatisfy({ scratch[$0] == Float(index) }) {
        intact.value.add(1, ordering: .relaxed)
      }
    }
    #expect(intact.value.load(ordering: .relaxed) == 200)
  }
}

@Suite struct ProcessorCountTests {
  /// Creates a folder of control group files and reads the quota from it.
  private func quota(_ files: [String: String], membership: String) throws -> Int? {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    for (name, text) in files {
      let file = root.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return ProcessorCount.quota(root: root.path, membership: membership)
  }

  @Test func theSmallestQuotaOnTheWayUpCounts() throws {
    let files = [
      "a/b/cpu.max": "max 100000\n", "a/cpu.max": "150000 100000\n", "cpu.max": "400000 100000\n",
    ]
    #expect(try quota(files, membership: "0::/a/b\n") == 2)
    #expect(try quota(files, membership: "0::/\n") == 4)
    #expect(try quota(files, membership: "0::/elsewhere\n") == 4)
  }

  @Test func version1HasTwoFiles() throws {
    let files = ["cpu/x/cpu.cfs_quota_us": "50000\n", "cpu/x/cpu.cfs_period_us": "100000\n"]
    #expect(try quota(files, membership: "3:cpuset:/\n4:cpu,cpuacct:/x\n") == 1)
    #expect(
      try quota(
        ["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"],
        membership: "4:cpu:/\n") == nil)
  }

  @Test func affinityIsTheBitsOfTheMask() {
    func affinity(_ mask: String) -> Int? {
      ProcessorCount.affinity(status: "Name:\timpasto\nCpus_allowed:\t\(mask)\nThreads:\t1\n")
    }
    #expect(affinity("3") == 2)
    #expect(affinity("00000001,800000ff") == 10)
    #expect(affinity("") == nil)
    #expect(ProcessorCount.affinity(status: "Cpus_allowed_list:\t0-1\n") == nil)
  }

  @Test func nothingReadableIsNoQuota() throws {
    #expect(try quota([:], membership: "") == nil)
    #expect(try quota(["cpu.max": "what ever\n"], membership: "0::/\n") == nil)
    #expect(ProcessorCount.available >= 1)
  }
}
