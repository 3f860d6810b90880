import Engine
import Impasto
import Pictures

/// The memory that a transfer takes, as measured.
enum TransferMemory {
  /// The memory of the weights, which all transfers of a process share: a transfer of 32x32
  /// pixels peaks at 404 MB.
  static let sharedBytes = 0.4e9
  /// The memory of a pixel of the result: maps, Gram matrices and the optimizer's history. From
  /// 512x512 to 1024x1024 pixels a transfer grows by 683 bytes for each.
  private static let bytesPerPixel = 683.0
  /// The part of the estimate that must be available. Some maps can be smaller than measured,
  /// and a transfer that would fit is not to be refused.
  private static let certain = 0.75

  /// Checks that the memory for a transfer is available, before anything is read.
  ///
  /// - Throws: `NetworkError.pictureTooLarge`.
  static func check(_ size: PixelSize) throws {
    let needed = sharedBytes + bytesPerPixel * Double(size.width) * Double(size.height)
    let available = Double(AvailableMemory.bytes)
    guard certain * needed > available else { return }
    throw NetworkError.pictureTooLarge(
      width: size.width, height: size.height, neededBytes: needed, availableBytes: available)
  }
}
