import Engine
import Foundation
import Impasto
import Runs
import TestSupport

/// The real binary with a temporary folder for its files.
struct Command {
  let folder: URL
  let executable: URL

  /// The outcome of a process.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String

    /// Standard error as lines.
    var lines: [Substring] { errors.split(separator: "\n") }

    /// Standard output as a JSON object.
    func json() throws -> [String: Any] {
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as! [String: Any]
    }
  }

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("impasto-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    executable = Golden.products.appendingPathComponent("impasto")
  }

  /// A recipe whose first step drives pixels to the ends of their range, where gradients overflow.
  static let divergingRecipe = """
    style = "spring"
    model = "vgg16-hed"
    optimizer = "gradient-descent"
    learning-rate = 1
    style-weight = 1e37
    init = "noise"
    iterations = 5
    """

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// The files in the folder, sorted.
  func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// The bytes of a file.
  func bytes(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: path(name)))
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
  }

  /// The recipe in the metadata of a result.
  func recipe(of name: String) throws -> String {
    try RecipeFile(path: path(name)).recipe.text()
  }

  /// Writes a mask whose first columns are white.
  func makeMask(_ name: String, width: Int, height: Int, whiteColumns: Int) throws {
    let elements = (0..<width * height).flatMap { i -> [Float] in
      Array(repeating: i % width < whiteColumns ? 1 : 0, count: 3)
    }
    try Picture(pixels: Tensor(shape: [height, width, 3], elements: elements)).write(to: path(name))
  }

  /// Writes a picture of smooth random colors.
  @discardableResult
  func makePicture(
    _ name: String, width: Int = 48, height: Int = 36, alpha: Bool = false, seed: UInt64 = 1
  ) throws
    -> String
  {
    var random = SmallRandom(seed)
    let coarse = Picture(
      pixels: random.tensor([5, 6, 3], in: 0...1),
      alpha: alpha ? random.tensor([5, 6], in: 0...1) : nil)
    try coarse.resized(to: PixelSize(width: width, height: height)).write(to: path(name))
    return path(name)
  }

  func start(_ arguments: [String], environment: [String: String] = [:], through: URL? = nil) throws
    -> Running
  {
    let process = Process()
    process.executableURL = through ?? executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    // Tests must not use networks that the user has installed.
    let own = ["XDG_DATA_HOME": path("data")].merging(environment) { $1 }
    process.environment = ProcessInfo.processInfo.environment.merging(own) { $1 }
    return try Running(process)
  }

  func run(_ arguments: String..., environment: [String: String] = [:], through: URL? = nil) throws
    -> Outcome
  {
    try start(arguments, environment: environment, through: through).finish()
  }

  /// A running process that writes to files, which do not fill up like pipes.
  struct Running {
    let process: Process
    private let output: URL
    private let errors: URL

    init(_ process: Process) throws {
      self.process = process
      let folder = FileManager.default.temporaryDirectory
      output = folder.appendingPathComponent("\(UUID())")
      errors = folder.appendingPathComponent("\(UUID())")
      for url in [output, errors] { try Data().write(to: url) }
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try FileHandle(forWritingTo: output)
      process.standardError = try FileHandle(forWritingTo: errors)
      try process.run()
    }

    func finish() throws -> Outcome {
      process.waitUntilExit()
      defer { for url in [output, errors] { try? FileManager.default.removeItem(at: url) } }
      // As in a shell, the status of a signal is 128 plus its number.
      let status =
        process.terminationReason == .uncaughtSignal
        ? 128 + process.terminationStatus : process.terminationStatus
      return Outcome(
        status: status, output: try String(contentsOf: output, encoding: .utf8),
        errors: try String(contentsOf: errors, encoding: .utf8))
    }
  }
}
