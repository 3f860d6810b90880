import ModelFiles

/// Tells networks that turn a picture into a picture, such as feed-forward style networks, from
/// networks that describe one.
enum ImageTransformer {
  /// The sizes of their kernels.
  private static let sizes: Set<Int> = [1, 3, 5, 7, 9, 11, 13]

  /// Whether a file's first and last kernels have three channels, of the picture and of the result.
  ///
  /// Classifiers have one such kernel. Two orders of a kernel's dimensions are possible, and in the
  /// right one all kernels are square.
  static func isLikely(_ file: ModelFile) -> Bool {
    let kernels = file.tensors.values.map(\.shape).filter { $0.count == 4 }
    let orders: [(height: Int, inputs: Int)] = [(2, 0), (0, 2)]
    return orders.contains { order in
      let areSquare = kernels.allSatisfy { $0[order.height] == $0[order.height + 1] }
      let colored = kernels.filter { kernel in
        let channels = kernel[order.inputs...order.inputs + 1]
        // A map of colors to colors comes before some describing networks.
        return sizes.contains(kernel[order.height]) && channels.contains(3)
          && channels != [3, 3]
      }
      return areSquare && colored.count >= 2
    }
  }
}
