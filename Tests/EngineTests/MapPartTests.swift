import Engine
import TestSupport
import Testing

/// Parts of maps, and the statistics of them.
@Suite struct MapPartTests {
  @Test func runsAreTheRowsOfThePart() {
    let part = MapPart(rows: 1..<3, columns: 2..<5, rowLength: 7)
    func runs(_ positions: Range<Int>) -> [Range<Int>] {
      var runs: [Range<Int>] = []
      part.forEachRun(in: positions) { runs.append($0) }
      return runs
    }
    #expect(part.count == 6)
    #expect(runs(0..<35) == [9..<12, 16..<19])
    #expect(runs(10..<17) == [10..<12, 16..<17])
    #expect(runs(12..<16) == [] && runs(0..<0) == [] && runs(19..<35) == [])
  }

  @Test(arguments: [3, 16, 40])
  func theGramMatrixOfAPartIsThatOfItsPositions(channels: Int) throws {
    var random = SmallRandom(7)
    let (height, width) = (23, 31)
    let map = FloatBuffer(random.tensor([height, width, channels], in: -1...1).elements)
    let part = MapPart(rows: 3..<20, columns: 5..<6, rowLength: width)
    let workspace = Workspace(kernels: try .chosen(), threads: 2)
    let gram = GramMatrix(channels: channels, kernels: workspace.kernels)
    gram.update(map.pointer, positions: height * width, part: part, workspace: workspace)
    for i in 0..<channels {
      var mean = 0.0
      for j in 0..<channels {
        var sum = 0.0
        for row in part.rows {
          let place = (row * width + 5) * channels
          sum += Double(map.pointer[place + i]) * Double(map.pointer[place + j])
          if j == 0 { mean += Double(map.pointer[place + i]) }
        }
        let value = Double(gram.elements.pointer[i * channels + j])
        #expect(abs(value - sum / Double(part.count)) < 1e-5)
      }
      #expect(abs(Double(gram.means.pointer[i]) - mean / Double(part.count)) < 1e-5)
    }
  }
}

/// Buffers in a temporary file.
@Suite struct ScratchFileTests {
  @Test func releasedElementsAreReadAgain() throws {
    let counts = [100_000, 1, 4096]
    let file = try ScratchFile(
      bytes: counts.reduce(0) { $0 + ScratchFile.mappedBytes(4 * $1) })
    let buffers = counts.map { FloatBuffer(count: $0, in: .file(file)) }
    for (number, buffer) in buffers.enumerated() {
      for i in 0..<buffer.count { buffer.pointer[i] = Float(number + i) }
      buffer.release()
    }
    for (number, buffer) in buffers.enumerated() {
      #expect(buffer.isInFile)
      #expect(buffer.elements == (0..<buffer.count).map { Float(number + $0) })
      buffer.release(0..<buffer.count / 2)
      #expect(buffer.pointer[buffer.count / 2] == Float(number + buffer.count / 2))
      #expect(buffer.pointer[0] == Float(number))
    }
  }

  @Test func aFullDiskIsOneLine() {
    let error = #expect(throws: ScratchFile.NoSpace.self) { try ScratchFile(bytes: 1 << 55) }
    #expect("\(error!)".contains("cannot reserve"))
    #expect("\(error!)".contains("TMPDIR"))
  }
}
