import Engine
import Foundation
import Testing

@Suite struct AvailableMemoryTests {
  @Test func someOfTheMachinesMemoryIsAvailable() {
    #expect(AvailableMemory.bytes > 0)
    #expect(AvailableMemory.bytes < Int(ProcessInfo.processInfo.physicalMemory))
  }
}
