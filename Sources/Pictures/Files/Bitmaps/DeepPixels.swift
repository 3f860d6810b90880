import Foundation

/// One pixel: red, green, blue and alpha, 0…65535.
struct DeepPixel {
  var red, green, blue: UInt16
  var alpha: UInt16 = 65535

  /// Makes a pixel of 8-bit values.
  init(_ red: UInt8, _ green: UInt8, _ blue: UInt8, _ alpha: UInt8 = 255) {
    self.red = UInt16(red) * 257
    self.green = UInt16(green) * 257
    self.blue = UInt16(blue) * 257
    self.alpha = UInt16(alpha) * 257
  }

  /// Makes a pixel of linear light, as floats in which 1 is white.
  init(linear red: Float, _ green: Float, _ blue: Float, alpha: Float = 1) {
    self.red = LinearLight.encoded(red)
    self.green = LinearLight.encoded(green)
    self.blue = LinearLight.encoded(blue)
    self.alpha = UInt16(LinearLight.limited(alpha) * 65535 + 0.5)
  }
}

/// The conversion of linear light to sRGB.
enum LinearLight {
  /// A value limited to 0…1; 0 for a value that is not a number.
  static func limited(_ value: Float) -> Float { value > 0 ? min(value, 1) : 0 }

  /// The sRGB value of linear light, 0…65535. Light brighter than white is white.
  static func encoded(_ light: Float) -> UInt16 {
    let light = Double(limited(light))
    let value = light <= 0.0031308 ? 12.92 * light : 1.055 * pow(light, 1 / 2.4) - 0.055
    return UInt16(value * 65535 + 0.5)
  }
}

/// Pixels that a reader fills in any order.
struct DeepPixels {
  let size: PixelSize
  private(set) var values: [UInt16]

  /// Makes transparent black pixels.
  init(_ size: PixelSize) {
    self.size = size
    values = [UInt16](repeating: 0, count: 4 * size.width * size.height)
  }

  /// Sets a pixel.
  mutating func put(_ pixel: DeepPixel, _ x: Int, _ y: Int) {
    let i = 4 * (y * size.width + x)
    values[i] = pixel.red
    values[i + 1] = pixel.green
    values[i + 2] = pixel.blue
    values[i + 3] = pixel.alpha
  }
}
