import CKernels

/// The tile size of a 3x3 convolution by Winograd's method, and the format of its points and weights.
struct WinogradForm: Sendable {
  /// The height and width of a tile, m.
  let tileSize: Int
  /// Whether points and weights are rounded to bfloat16. Two numbers then take the place of a float.
  let usesBFloat16: Bool

  /// The number of points of a patch.
  var points: Int { (tileSize + 2) * (tileSize + 2) }

  /// The floats that the numbers of some channels take.
  func floats(_ channels: Int) -> Int { usesBFloat16 ? channels / 2 : channels }

  /// The transforms of tiles and patches.
  func transforms(_ kernels: Kernels) -> ck_winograd {
    let table = kernels.table.pointee
    if usesBFloat16 { return table.bfloat16.pointee.winograd_4 }
    return tileSize == 4 ? table.winograd_4 : table.winograd_6
  }

  /// The product of a matrix of points by packed weights.
  func multiply(_ kernels: Kernels) -> ck_product {
    let table = kernels.table.pointee
    return usesBFloat16 ? table.bfloat16.pointee.multiply : table.multiply
  }
}
