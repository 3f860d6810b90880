import Files
import Foundation
import Impasto
import Networks
import Pictures
import Training

/// The record of a training in a folder: `losses.csv` with a row for each step, `epochs.csv` with the
/// means of each epoch (after a stop, of the steps since), events for TensorBoard, and `previews` with
/// photos that the training never sees, repainted every so often. A page, `report.html`, and a sheet of
/// the previews, `previews.jpg`, are written anew with each preview, so that they show a training that runs.
struct TrainingRecord {
  private let folder: String
  private let lock: FolderLock
  private let events: EventFile
  private let steps: LossTable
  private let epochs: LossTable
  private let photos: [Picture]
  private let options: TrainingOptions
  /// The sums of the losses of the current epoch, and the number of its steps.
  private var sums: [String: Double] = [:]
  private var count = 0

  /// The longer side of a photo in a preview.
  private static let previewSide = 384
  /// The most previews on the sheet, and the longer side of each.
  private static let sheetCells = 12
  private static let sheetSide = 800

  /// Makes the folder, or goes on with that of a training that was stopped.
  ///
  /// - Parameter step: the number of steps before; rows of later ones are removed.
  /// - Throws: `FileError` if the folder exists at the start of a training, or another process works in
  ///   it; and `PictureError`.
  init(_ folder: String, options: TrainingOptions, heldBack: [PictureFile], after step: Int) throws
  {
    if step == 0 || !InputFile.isFolder(folder) {
      let new = try NewFolder(folder)
      try new.createFolder("previews")
    }
    self.folder = FilePath.withoutTrailingSlashes(folder)
    lock = try FolderLock(self.folder)
    steps = try LossTable("\(self.folder)/losses.csv", counter: "step", through: step)
    epochs = try LossTable("\(self.folder)/epochs.csv", counter: "epoch", steps: step)
    events = try EventFile("\(self.folder)/\(EventFile.newName)", settings: options.values)
    self.options = options
    photos = try heldBack.map { try $0.decoded($0.size.fitted(within: Self.previewSide)) }
  }

  /// Adds a step.
  ///
  /// - Throws: `FileError.unwritable`.
  mutating func add(_ step: TrainingStep) throws {
    let losses = step.losses.byColumn
    let row = losses.merging(["learning-rate": step.learningRate]) { $1 }
    try steps.add(step.number, seconds: step.seconds, row)
    try events.add(losses, iteration: step.number)
    for (name, value) in losses { sums[name, default: 0] += value }
    count += 1
    guard let epoch = step.epoch else { return }
    try epochs.add(
      epoch, seconds: step.seconds,
      sums.mapValues { $0 / Double(count) }.merging(["steps": Double(step.number)]) { $1 })
    (sums, count) = ([:], 0)
  }

  /// Repaints the photos that were held back, with the network after a step.
  ///
  /// - Parameter styles: the number of the network's last styles to paint in.
  /// - Throws: `PictureError` and `FileError.unwritable`.
  func preview(_ network: StylizerNetwork, styles: Int, step: Int, threads: Int?) throws {
    guard !photos.isEmpty else { return }
    let stylizer = try Stylizer(network, threads: threads)
    let results = try network.lastStyles(styles).flatMap { style in
      try photos.map { try stylizer.stylized($0, style: style) }
    }
    let cells = (photos + results).map { ContactSheet.Cell($0, label: "") }
    let sheet = try ContactSheet(cells, columns: photos.count, cellSide: Self.previewSide).picture()
    let path = "\(folder)/previews/\(String(format: "%06d.jpg", step))"
    let data = try sheet.encoded(PictureEncoding(format: .jpg, quality: 90), path: path)
    try AtomicFile.write(data, to: path)
    try events.add(data, size: sheet.size, iteration: step)
  }

  /// Writes the page and the sheet of previews.
  ///
  /// - Throws: `PictureError` and `FileError`.
  func summarize() throws {
    let rows = try steps.rows()
    guard !rows.isEmpty else { return }
    let previews = photos.isEmpty ? nil : try FrameSequence(folder: "\(folder)/previews")
    let title = "Training of \(URL(fileURLWithPath: folder).lastPathComponent)"
    let page = try TrainingPage(title: title, options: options, rows: rows, previews: previews)
    try AtomicFile.write(Data(try page.html().utf8), to: "\(folder)/report.html")
    guard let previews else { return }
    let cells = try previews.selection(Self.sheetCells).map { file in
      ContactSheet.Cell(
        try file.decoded(file.size.fitted(within: Self.sheetSide)),
        label: "after \(FrameSequence.number(of: file)) steps")
    }
    let sheet = try ContactSheet(cells, columns: 2, cellSide: Self.sheetSide).picture()
    let path = "\(folder)/previews.jpg"
    try AtomicFile.write(
      sheet.encoded(PictureEncoding(format: .jpg, quality: 90), path: path), to: path)
  }

  /// Adds the end of the training to the events.
  func finish() throws { try events.finish(succeeded: true) }
}

extension StylizerNetwork {
  /// The last styles of the network.
  fileprivate func lastStyles(_ count: Int) -> [StylizerStyle] {
    guard case .several(let all) = styles else { return [.own] }
    return (all - count..<all).map { style in
      .blend((0..<all).map { $0 == style ? 1 : 0 })
    }
  }
}

extension TrainingOptions {
  /// The settings with their values.
  fileprivate var values: [(key: String, value: SettingValue)] {
    described.map { key, value in
      (key, Int(value).map { .integer($0) } ?? Double(value).map { .number($0) } ?? .text(value))
    }
  }
}
