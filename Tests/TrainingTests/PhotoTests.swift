import Files
import Foundation
import Impasto
import Pictures
import Testing
import Training

/// The photos of a training, and the samples that are cut from them.
@Suite struct PhotoTests {
  private let set: PhotoSet
  private var options = TrainingOptions()

  init() throws {
    set = try PhotoSet()
    options.size = 32
    options.batch = 1
  }

  @Test func foldersAreSearchedAndFilesSorted() throws {
    defer { set.remove() }
    try set.add("b.png")
    try set.add("deep/er/a.jpg")
    try set.add("small.png", width: 31, height: 90)
    try set.add(".hidden/c.png")
    try Data("text".utf8).write(to: URL(fileURLWithPath: "\(set.path)/broken.jpg"))
    try Data("text".utf8).write(to: URL(fileURLWithPath: "\(set.path)/notes.txt"))
    let folder = try PhotoFolder(set.path, side: 32, least: 2)
    #expect(folder.count == 2)
    #expect(folder.small == 1)
    #expect(folder.broken.count == 1)
    #expect(folder.broken[0].contains("broken.jpg"))
  }

  @Test func tooFewPhotosAreAnError() throws {
    defer { set.remove() }
    try set.add("a.png")
    try set.add("small.png", width: 20, height: 20)
    let error = #expect(throws: SettingError.self) {
      try PhotoFolder(set.path, side: 32, least: 2)
    }
    #expect(error!.description.contains("has 1 photos"))
    #expect(error!.description.contains("1 have a side of less than 32"))
    #expect(throws: SettingError.self) { try PhotoFolder("\(set.path)/none", side: 32, least: 1) }
    #expect(throws: SettingError.self) { try PhotoFolder("\(set.path)/a.png", side: 32, least: 1) }
  }

  @Test func samplesDependOnTheirNumberOnly() throws {
    defer { set.remove() }
    for name in ["a.png", "b.png", "c.png"] { try set.add(name, width: 70, height: 50) }
    let folder = try PhotoFolder(set.path, side: 32, least: 1)
    let source = SampleSource(folder, options)
    let forward = try (0..<7).map { try source.samples(step: $0)[0] }
    let other = SampleSource(folder, options)
    let backward = try (0..<7).reversed().map { try other.samples(step: $0)[0] }
    #expect(forward == backward.reversed())
    #expect(Set(forward).count == 7)
    var reseeded = options
    reseeded.seed = 1
    #expect(try SampleSource(folder, reseeded).samples(step: 0)[0] != forward[0])
    var batched = options
    batched.batch = 3
    #expect(try SampleSource(folder, batched).samples(step: 1) == Array(forward[3..<6]))
  }

  @Test func everyEpochShowsEachPhotoOnce() throws {
    defer { set.remove() }
    for level in 1...5 {
      try set.add("\(level).png", color: SIMD3(repeating: Float(level) / 5))
    }
    let source = SampleSource(try PhotoFolder(set.path, side: 32, least: 1), options)
    var orders: Set<[Int]> = []
    for epoch in 0..<4 {
      let levels = try (0..<5).map { position -> Int in
        let sample = try source.samples(step: 5 * epoch + position)[0]
        #expect(sample.count == 3 * 32 * 32)
        #expect(sample.allSatisfy { abs($0 - sample[0]) < 1e-5 })
        return Int((sample[0] * 5).rounded())
      }
      #expect(levels.sorted() == [1, 2, 3, 4, 5])
      orders.insert(levels)
    }
    #expect(orders.count > 1)
  }

  /// A photo that is exactly as large as a sample is shown whole, mirrored or not.
  @Test func samplesAreMirroredHalfOfTheTime() throws {
    defer { set.remove() }
    try set.add("a.png", width: 32, height: 32)
    let photo = try Picture(contentsOf: "\(set.path)/a.png").pixels.elements
    let mirrored = (0..<32 * 32).flatMap { pixel in
      let start = 3 * (pixel / 32 * 32 + 31 - pixel % 32)
      return photo[start..<start + 3]
    }
    let source = SampleSource(try PhotoFolder(set.path, side: 32, least: 1), options)
    let samples = try (0..<40).map { try source.samples(step: $0)[0] }
    func count(_ picture: [Float]) -> Int {
      samples.count { zip($0, picture).allSatisfy { abs($0 - $1) < 1e-5 } }
    }
    #expect(count(photo) + count(mirrored) == 40)
    #expect(8...32 ~= count(mirrored))
  }

  @Test func brokenPhotosAreReplacedAndReportedOnce() throws {
    defer { set.remove() }
    try set.add("a.png", color: SIMD3(1, 0, 0))
    try set.addDamaged("b.png")
    let source = SampleSource(try PhotoFolder(set.path, side: 32, least: 1), options)
    var reports: [String] = []
    for step in 0..<6 {
      #expect(try source.samples(step: step)[0].prefix(3).elementsEqual([1, 0, 0]))
      reports += source.newBroken()
    }
    #expect(reports.count == 1)
    #expect(reports[0].contains("b.png"))
  }

  @Test func onlyBrokenPhotosAreAnError() throws {
    defer { set.remove() }
    try set.addDamaged("b.png")
    let source = SampleSource(try PhotoFolder(set.path, side: 32, least: 1), options)
    #expect(throws: TrainingError.self) { try source.samples(step: 0) }
  }
}
