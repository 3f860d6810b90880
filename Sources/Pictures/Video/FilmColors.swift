/// How a film's pixels stand for colors, in ffmpeg's names.
package struct FilmColors: Sendable, Hashable {
  /// The matrix from red, green and blue to luma and chroma.
  package let matrix: String
  /// `tv` or `pc`.
  package let range: String
  let primaries: String?
  let transfer: String?
  /// Whether colors must be brought into the range of a usual screen.
  let isHDR: Bool

  init(
    space: String?, range: String?, primaries: String?, transfer: String?, format: String?,
    lines: Int
  ) {
    func known(_ name: String?) -> String? {
      name.flatMap { ["unknown", "reserved", "unspecified"].contains($0) ? nil : $0 }
    }
    isHDR = ["smpte2084", "arib-std-b67"].contains(transfer)
    let format = format ?? ""
    let isRGB =
      format.contains("rgb") || format.contains("gbr") || format.contains("bgr") || format == "pal8"
    // Players assume this of films that do not tell.
    let usual = lines >= 720 ? "bt709" : "smpte170m"
    matrix = isHDR || isRGB ? usual : known(space).flatMap { $0 == "gbr" ? nil : $0 } ?? usual
    self.range = isHDR || isRGB ? "tv" : known(range) ?? (format.hasPrefix("yuvj") ? "pc" : "tv")
    self.primaries = isHDR ? "bt709" : known(primaries)
    self.transfer = isHDR ? "bt709" : known(transfer)
  }

  /// The filters that make decoded pictures RGB in a size.
  func decoding(_ size: PixelSize) -> String {
    let toneMapping =
      isHDR
      ? "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,format=yuv444p,"
      : ""
    let matrix = isHDR ? "bt709" : self.matrix
    return toneMapping
      + "scale=\(size.width):\(size.height):flags=bicubic+accurate_rnd+full_chroma_int:in_color_matrix=\(Self.scaleName(matrix)):in_range=\(range),format=rgb24"
  }

  /// The filter and the tags for an encoder that takes luma and chroma.
  func encoding(_ pixelFormat: String) -> (filter: String, tags: [String]) {
    (
      "scale=flags=bicubic+accurate_rnd+full_chroma_int:out_color_matrix=\(Self.scaleName(matrix)):out_range=\(range),format=\(pixelFormat)",
      ["-colorspace", matrix, "-color_range", range]
        + (primaries.map { ["-color_primaries", $0] } ?? [])
        + (transfer.map { ["-color_trc", $0] } ?? [])
    )
  }

  /// The name of a matrix for the scale filter, which knows fewer.
  private static func scaleName(_ matrix: String) -> String {
    switch matrix {
    case "bt709", "fcc", "smpte170m", "smpte240m", "bt2020": matrix
    case "bt2020nc", "bt2020ncl", "bt2020c", "bt2020cl": "bt2020"
    case "bt470bg": "bt601"
    default: "bt709"
    }
  }
}
