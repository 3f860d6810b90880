import Engine
import Testing

@Suite struct KernelsTests {
  @Test func environmentForcesAVariant() throws {
    for kernels in Kernels.available {
      #expect(
        try Kernels.chosen(environment: ["IMPASTO_KERNELS": kernels.name]).name == kernels.name)
    }
    #expect(try Kernels.chosen(environment: [:]).name == Kernels.available[0].name)
  }

  @Test func unknownVariantNamesThoseThatThereAre() {
    #expect {
      try Kernels.chosen(environment: ["IMPASTO_KERNELS": "abacus"])
    } throws: { error in
      let message = String(describing: error)
      return message.contains("abacus") && message.contains("plain")
    }
  }
}
