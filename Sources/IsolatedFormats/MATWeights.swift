import CMatioSystem
import ModelFiles

/// The convolutions of a MatConvNet network in either of its layouts.
///
/// `layers` is a cell array of structs with `name`, `type`, and the cell `weights` or the fields
/// `filters` and `biases`. Kernels are `[height, width, inputs, outputs]` in column-major order.
/// One layer is in memory at a time.
///
/// Format: https://www.vlfeat.org/matconvnet/pretrained.
struct MATWeights {
  private let file: Handle
  private let limits: ResourceLimits

  private final class Handle {
    let file: OpaquePointer
    let layers: UnsafeMutablePointer<matvar_t>

    init(_ path: String) throws {
      guard let file = Mat_Open(path, Int32(MAT_ACC_RDONLY.rawValue)) else {
        throw IsolatedReadingError(
          "damaged, or of another version than MATLAB 5 to 7: libmatio cannot open it")
      }
      guard let layers = Mat_VarReadInfo(file, "layers") else {
        Mat_Close(file)
        throw IsolatedReadingError("not a network of MatConvNet: it has no 'layers'")
      }
      self.file = file
      self.layers = layers
    }

    deinit {
      Mat_VarFree(layers)
      Mat_Close(file)
    }
  }

  private static let mostLayers = 1000

  init(_ path: String, limits: ResourceLimits) throws {
    file = try Handle(path)
    self.limits = limits
  }

  func contents() throws -> IsolatedContents {
    let layers = file.layers.pointee
    guard layers.class_type == MAT_C_CELL, let lengths = shape(file.layers),
      lengths.count <= Self.mostLayers
    else { throw IsolatedReadingError("not a network of MatConvNet: its 'layers' are not cells") }
    var contents = IsolatedContents()
    for index in 0..<lengths.count {
      guard let layer = Mat_VarGetCell(file.layers, Int32(index)),
        layer.pointee.class_type == MAT_C_STRUCT, let (filters, biases) = parameters(of: layer)
      else { continue }
      try add(layer, filters, biases, to: &contents)
    }
    if let image = averageImage() {
      contents.metadata["matconvnet.averageImage"] = image.map { "\($0)" }.joined(separator: " ")
    }
    return contents
  }

  private func add(
    _ layer: UnsafeMutablePointer<matvar_t>, _ filters: UnsafeMutablePointer<matvar_t>,
    _ biases: UnsafeMutablePointer<matvar_t>, to contents: inout IsolatedContents
  ) throws {
    guard let name = field("name", of: layer).flatMap(text), let kernel = shape(filters),
      let bias = shape(biases)
    else { throw IsolatedReadingError("damaged: a layer has an impossible shape") }
    // A kernel of 7x7 is the first fully connected layer; MATLAB drops lengths of 1 at the end.
    guard kernel.lengths.count == 4, kernel.lengths[..<2] == [3, 3] else {
      contents.skip("\(name).weight", shape: kernel.lengths)
      return
    }
    try limits.check(kernel, of: name)
    try limits.check(bias, of: name)
    let (inputs, outputs) = (kernel.lengths[2], kernel.lengths[3])
    contents.items.append(
      SafetensorsWriter.Item(
        name: "\(name).weight", shape: [outputs, inputs, 3, 3], precision: .single
      ) { [self] in
        let stored = try numbers(filters, count: inputs * outputs * 9)
        // Each kernel is stored column by column.
        return (0..<stored.count).map { i in stored[i - i % 9 + i % 3 * 3 + i % 9 / 3] }
      })
    contents.items.append(
      SafetensorsWriter.Item(name: "\(name).bias", shape: [bias.count], precision: .single) {
        [self] in try numbers(biases, count: bias.count)
      })
  }

  /// The filters and biases of a layer, in the newer or the older layout.
  private func parameters(of layer: UnsafeMutablePointer<matvar_t>)
    -> (UnsafeMutablePointer<matvar_t>, UnsafeMutablePointer<matvar_t>)?
  {
    if let weights = field("weights", of: layer), weights.pointee.class_type == MAT_C_CELL,
      shape(weights)?.count == 2,
      let filters = Mat_VarGetCell(weights, 0), let biases = Mat_VarGetCell(weights, 1)
    {
      return (filters, biases)
    }
    guard let filters = field("filters", of: layer), let biases = field("biases", of: layer) else {
      return nil
    }
    return (filters, biases)
  }

  private func field(_ name: String, of variable: UnsafeMutablePointer<matvar_t>)
    -> UnsafeMutablePointer<matvar_t>?
  {
    guard variable.pointee.class_type == MAT_C_STRUCT else { return nil }
    return Mat_VarGetStructFieldByName(variable, name, 0)
  }

  private func shape(_ variable: UnsafeMutablePointer<matvar_t>) -> TensorShape? {
    let variable = variable.pointee
    guard let lengths = variable.dims, 0...8 ~= variable.rank else { return nil }
    return TensorShape((0..<Int(variable.rank)).map { Int(clamping: lengths[$0]) })
  }

  /// The numbers of an array in stored order.
  private func numbers(_ variable: UnsafeMutablePointer<matvar_t>, count: Int) throws -> [Float] {
    let isDouble = variable.pointee.class_type == MAT_C_DOUBLE
    guard isDouble || variable.pointee.class_type == MAT_C_SINGLE, variable.pointee.isComplex == 0,
      shape(variable)?.count == count
    else {
      throw IsolatedReadingError(
        "the weights of a layer are not real numbers in single or double precision")
    }
    func read<Number>(_ type: Number.Type) throws -> [Number] {
      try [Number](unsafeUninitializedCapacity: count) { values, initialized in
        guard
          Mat_VarReadDataLinear(file.file, variable, values.baseAddress, 0, 1, Int32(count)) == 0
        else { throw IsolatedReadingError("damaged: libmatio cannot read a layer") }
        initialized = count
      }
    }
    return isDouble ? try read(Double.self).map { Float($0) } : try read(Float.self)
  }

  private func text(_ variable: UnsafeMutablePointer<matvar_t>) -> String? {
    guard variable.pointee.class_type == MAT_C_CHAR, let shape = shape(variable), shape.count <= 64
    else { return nil }
    if variable.pointee.data == nil, Mat_VarReadDataAll(file.file, variable) != 0 { return nil }
    guard let data = variable.pointee.data else { return nil }
    let bytes = UnsafeRawBufferPointer(start: data, count: Int(variable.pointee.nbytes))
    // MATLAB's version decides between one and two bytes a character; names are ASCII.
    return String(decoding: bytes.filter { $0 != 0 }, as: UTF8.self)
  }

  /// The mean red, green and blue of the average image.
  private func averageImage() -> [Float]? {
    func mean(of image: UnsafeMutablePointer<matvar_t>?) -> [Float]? {
      guard let image, let shape = shape(image), shape.lengths.last == 3,
        1...1 << 20 ~= shape.count, let values = try? numbers(image, count: shape.count)
      else { return nil }
      let pixels = values.count / 3
      return (0..<3).map { values[$0 * pixels..<($0 + 1) * pixels].reduce(0, +) / Float(pixels) }
    }
    for variable in ["meta", "normalization"] {
      guard let root = Mat_VarReadInfo(file.file, variable) else { continue }
      defer { Mat_VarFree(root) }
      let normalization = variable == "meta" ? field("normalization", of: root) : root
      if let image = normalization.flatMap({ mean(of: field("averageImage", of: $0)) }) {
        return image
      }
    }
    return nil
  }
}
