import Files
import Foundation
import SwiftProtobuf

/// A trained network that Caffe wrote: a `NetParameter` with layers of either format.
///
/// Blobs are named `LAYER.weight` and `LAYER.bias`.
enum CaffeModel {
  /// The fields of a network and of its layers, by Caffe's numbers.
  private enum LayerKind: Int {
    /// `V1LayerParameter`, in `layers`.
    case old = 2
    /// `LayerParameter`, in `layer`.
    case new = 100

    var name: Int { self == .old ? 4 : 1 }
    var type: Int { self == .old ? 5 : 2 }
    var blobs: Int { self == .old ? 6 : 7 }
  }

  /// `V1LayerParameter.LayerType.CONVOLUTION`.
  private static let oldConvolution: UInt64 = 4
  private static let newConvolution = "Convolution"

  /// Whether a file looks like a network of Caffe. Messages of other programs have the number of
  /// its old layers for other fields; a type tells them apart.
  static func isLikely(_ file: MappedFile) -> Bool {
    WireFormat.isMessage(file) { field in
      guard let kind = LayerKind(rawValue: field.number), case .bytes(let range) = field.value
      else { return false }
      return kind == .new || hasType(range, of: file)
    }
  }

  /// Whether an old layer has a type.
  private static func hasType(_ range: Range<Int>, of file: MappedFile) -> Bool {
    var layer = WireFormat(file, range: range)
    while let field = try? layer.next() {
      if field.number == LayerKind.old.type, case .varint = field.value { return true }
    }
    return false
  }

  /// - Throws: `ModelFileError.malformed`.
  static func contents(of file: MappedFile) throws -> ModelFile.Contents {
    var contents = ModelFile.Contents(convolutions: [])
    var network = WireFormat(file)
    while let field = try network.next() {
      guard let kind = LayerKind(rawValue: field.number), case .bytes(let range) = field.value
      else { continue }
      try add(kind, at: range, of: file, to: &contents)
      guard !contents.isTooMuch else { throw network.malformed("no network has as many layers") }
    }
    return contents
  }

  private static func add(
    _ kind: LayerKind, at range: Range<Int>, of file: MappedFile,
    to contents: inout ModelFile.Contents
  ) throws {
    var name = ""
    var isConvolution = false
    var blobs: [Range<Int>] = []
    var layer = WireFormat(file, range: range)
    while let field = try layer.next() {
      switch (field.number, field.value) {
      case (kind.name, .bytes(let range)): name = try file.text(range)
      case (kind.type, .bytes(let range)): isConvolution = try file.text(range) == newConvolution
      case (kind.type, .varint(let type)): isConvolution = type == oldConvolution
      case (kind.blobs, .bytes(let range)): blobs.append(range)
      default: break
      }
    }
    let names = ModelFile.ConvolutionNames(weight: "\(name).weight", bias: "\(name).bias")
    for (part, blob) in zip([names.weight, names.bias], blobs) {
      let shape = try shape(of: blob, file)
      contents.tensors[part] = StoredTensor(
        type: ElementType.float32.rawValue,
        // Biases once had the four dimensions of all blobs.
        shape: part == names.bias ? TensorShape([shape.count])! : shape,
        elements: .decoded { try values(of: blob, file) })
    }
    if isConvolution { contents.convolutions?.append(names) }
  }

  /// The dimensions of a blob: its shape or, in old files, four fields.
  private static func shape(of range: Range<Int>, _ file: MappedFile) throws -> TensorShape {
    var fixed = [0, 0, 0, 0]
    var shape: [Int]?
    var blob = WireFormat(file, range: range)
    while let field = try blob.next() {
      switch (field.number, field.value) {
      case (1...4, .varint(let length)): fixed[field.number - 1] = Int(clamping: length)
      case (7, .bytes(let range)):
        shape = try file.message(Caffe_BlobShape.self, range).dim.map { Int(clamping: $0) }
      default: break
      }
    }
    guard let result = TensorShape(shape ?? fixed) else {
      throw ModelFileError.malformed(
        path: file.path, offset: range.lowerBound, reason: "a blob has an impossible shape")
    }
    return result
  }

  private static func values(of range: Range<Int>, _ file: MappedFile) throws -> [Float] {
    let blob = try file.message(Caffe_BlobProto.self, range)
    file.release(range)
    return blob.data.isEmpty ? blob.doubleData.map { Float($0) } : blob.data
  }
}
