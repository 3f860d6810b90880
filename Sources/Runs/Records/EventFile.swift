import Files
import Foundation
import Impasto
import SwiftProtobuf

/// A file of events for TensorBoard: losses as scalars, frames as images, settings as
/// hyper-parameters.
struct EventFile: Sendable {
  private let file: AppendedFile

  private static let prefix = "events.out.tfevents."

  /// A name for a new file. A run that continues has one more, which TensorBoard joins.
  static var newName: String {
    "\(prefix)\(Int(Date().timeIntervalSince1970)).impasto.\(getpid())"
  }

  /// Whether a file of this name holds events.
  static func isEventFile(_ name: String) -> Bool { name.hasPrefix(prefix) }

  /// Makes the file and writes the settings.
  ///
  /// - Throws: `FileError.unwritable`.
  init(_ path: String, settings: [(key: String, value: SettingValue)]) throws {
    let now = Date().timeIntervalSince1970
    file = try AppendedFile(path)
    try write { $0.fileVersion = "brain.Event:2" }
    try write { event in
      event.summary.value = [
        Self.hyperParameters("_hparams_/experiment") { $0.experiment = Self.experiment(settings) },
        Self.hyperParameters("_hparams_/session_start_info") {
          $0.sessionStartInfo.hparams = settings.reduce(into: [:]) {
            $0[$1.key] = Self.value($1.value)
          }
          $0.sessionStartInfo.startTimeSecs = now
        },
      ]
    }
  }

  /// Adds the losses after an iteration, by their columns' names in `LossLog`.
  func add(_ losses: [String: Double], iteration: Int) throws {
    try write { event in
      event.step = Int64(iteration)
      event.summary.value = losses.sorted { $0.key < $1.key }.map { name, loss in
        var value = Impasto_Tensorboard_Summary.Value()
        value.tag = Self.tag(of: name)
        value.simpleValue = Float(loss)
        return value
      }
    }
  }

  /// Adds an encoded picture.
  func add(_ data: Data, size: PixelSize, iteration: Int) throws {
    try write { event in
      event.step = Int64(iteration)
      var value = Impasto_Tensorboard_Summary.Value()
      value.tag = "picture"
      value.image.width = Int32(size.width)
      value.image.height = Int32(size.height)
      value.image.colorspace = 3
      value.image.encodedImageString = data
      event.summary.value = [value]
    }
  }

  /// Adds the end of the run.
  func finish(succeeded: Bool) throws {
    try write { event in
      event.summary.value = [
        Self.hyperParameters("_hparams_/session_end_info") {
          $0.sessionEndInfo.status = succeeded ? .success : .failure
          $0.sessionEndInfo.endTimeSecs = Date().timeIntervalSince1970
        }
      ]
    }
  }

  /// `style relu1_1` becomes `style/relu1_1`, which TensorBoard groups.
  private static func tag(of column: String) -> String {
    LossLog.terms.contains(column)
      ? "loss/\(column)" : column.replacingOccurrences(of: " ", with: "/")
  }

  private static func experiment(
    _ settings: [(key: String, value: SettingValue)]
  ) -> Impasto_Tensorboard_Experiment {
    var experiment = Impasto_Tensorboard_Experiment()
    experiment.hparamInfos = settings.map { key, value in
      var info = Impasto_Tensorboard_HParamInfo()
      info.name = key
      switch value {
      case .integer, .number: info.type = .float64
      case .text, .list: info.type = .string
      }
      return info
    }
    experiment.metricInfos = LossLog.terms.map { term in
      var info = Impasto_Tensorboard_MetricInfo()
      info.name.tag = tag(of: term)
      return info
    }
    return experiment
  }

  private static func value(_ value: SettingValue) -> Google_Protobuf_Value {
    switch value {
    case .integer(let number): Google_Protobuf_Value(numberValue: Double(number))
    case .number(let number): Google_Protobuf_Value(numberValue: number)
    case .text, .list: Google_Protobuf_Value(stringValue: value.description)
    }
  }

  private static func hyperParameters(
    _ tag: String, _ fill: (inout Impasto_Tensorboard_HParamsPluginData) -> Void
  ) -> Impasto_Tensorboard_Summary.Value {
    var data = Impasto_Tensorboard_HParamsPluginData()
    fill(&data)
    var value = Impasto_Tensorboard_Summary.Value()
    value.tag = tag
    value.metadata.pluginData.pluginName = "hparams"
    value.metadata.pluginData.content = (try? data.serializedData()) ?? Data()
    return value
  }

  private func write(_ fill: (inout Impasto_Tensorboard_Event) -> Void) throws {
    var event = Impasto_Tensorboard_Event()
    event.wallTime = Date().timeIntervalSince1970
    fill(&event)
    try file.append(TFRecord.framed(event.serializedData()))
  }
}

/// TensorFlow's format for a file of records: each has its length before it, and both have a
/// checksum after them.
enum TFRecord {
  static func framed(_ data: Data) -> Data {
    let length = bytes(of: UInt64(data.count))
    return length + bytes(of: maskedChecksum(length)) + data + bytes(of: maskedChecksum(data))
  }

  /// CRC-32C, rotated and offset so that data that contains checksums keeps a strong checksum.
  private static func maskedChecksum(_ data: Data) -> UInt32 {
    let checksum = CRC32C.checksum(data)
    return (checksum >> 15 | checksum << 17) &+ 0xa282_ead8
  }

  private static func bytes(of value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
}

/// The cyclic redundancy check of RFC 3720, section 12.1 (Castagnoli's polynomial).
package enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in
      value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1
    }
  }

  package static func checksum(_ data: Data) -> UInt32 {
    ~data.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
  }
}
