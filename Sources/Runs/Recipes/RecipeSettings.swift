import Impasto

extension Recipe {
  /// A setting: its key in files, and how it is read and written.
  struct Setting: Sendable {
    let key: String
    /// The kind of values, for error messages.
    let kind: String
    /// The settings of a base recipe that lose their meaning when this one is given.
    let displaces: [String]
    let value: @Sendable (Recipe) -> SettingValue?
    /// Returns false for a value of another type.
    let set: @Sendable (inout Recipe, SettingValue) -> Bool
    let copy: @Sendable (Recipe, inout Recipe) -> Void
    let clear: @Sendable (inout Recipe) -> Void

    init<Value: SettingConvertible>(
      _ key: String, _ path: WritableKeyPath<Recipe, Value?> & Sendable, displaces: [String] = []
    ) {
      self.key = key
      kind = Value.kind
      self.displaces = displaces
      value = { $0[keyPath: path]?.settingValue }
      set = { recipe, value in
        guard let value = Value(value) else { return false }
        recipe[keyPath: path] = value
        return true
      }
      copy = { from, to in if let value = from[keyPath: path] { to[keyPath: path] = value } }
      clear = { $0[keyPath: path] = nil }
    }
  }

  /// Every setting, in the order in which they are written.
  static let settings = [
    Setting("recipe-version", \.version),
    Setting("method", \.method),
    Setting("content", \.content, displaces: ["protect"]),
    Setting("style", \.style, displaces: ["style-blend", "mask"]),
    Setting("style-blend", \.styleBlend),
    Setting("mask", \.mask),
    Setting("protect", \.protect),
    Setting("size", \.size),
    Setting("style-size", \.styleSize, displaces: ["style-scale"]),
    Setting("style-scale", \.styleScale, displaces: ["style-size"]),
    Setting("content-weight", \.contentWeight),
    Setting("style-weight", \.styleWeight),
    Setting("tv-weight", \.tvWeight),
    Setting("style-loss", \.styleLoss),
    Setting("normalization", \.normalization),
    Setting("style-layers", \.styleLayers),
    Setting("content-layers", \.contentLayers),
    Setting("network", \.network),
    Setting("strength", \.strength),
    Setting("model", \.model, displaces: ["preprocessing"]),
    Setting("preprocessing", \.preprocessing),
    Setting("pooling", \.pooling),
    Setting("padding", \.padding),
    Setting("precision", \.precision),
    Setting("optimizer", \.optimizer, displaces: ["learning-rate"]),
    Setting("quality", \.quality, displaces: ["iterations"]),
    Setting("iterations", \.iterations, displaces: ["quality"]),
    Setting("scales", \.scales),
    Setting("margin", \.margin),
    Setting("tile", \.tile),
    Setting("learning-rate", \.learningRate),
    Setting("init", \.start, displaces: ["noise-ratio"]),
    Setting("noise-ratio", \.noiseRatio),
    Setting("seed", \.seed),
    Setting("color", \.color),
    Setting("color-before", \.colorBefore),
    Setting("jpeg-quality", \.jpegQuality),
    Setting("bit-depth", \.bitDepth),
  ]

  /// Sets the setting of a key.
  ///
  /// - Throws: `SettingError` if there is no such setting, or the value is of another type.
  public mutating func set(_ key: String, to value: SettingValue) throws {
    guard let setting = Self.setting(key) else {
      throw SettingError(key, problem: "there is no such setting.")
    }
    guard setting.set(&self, value) else {
      throw SettingError(key, value: "\(value)", problem: "must be \(setting.kind).")
    }
  }

  /// The setting of a key.
  static func setting(_ key: String) -> Setting? { settings.first { $0.key == key } }
}

extension StyleMethod: SettingWord {}
extension StyleLoss: SettingWord {}
extension Normalization: SettingWord {}
extension Pooling: SettingWord {}
extension Padding: SettingWord {}
extension Precision: SettingWord {}
extension InputConvention.Name: SettingWord {}
extension OptimizerName: SettingWord {}
extension Quality: SettingWord {}
extension ColorChoice: SettingWord {}

extension ResultSize: SettingConvertible {
  static var kind: String { "a number of pixels, \"original\", or \"WIDTHxHEIGHT\" for a texture" }
  init?(_ value: SettingValue) {
    switch value {
    case .integer, .text: self.init(value.description)
    case .number, .list: return nil
    }
  }
  var settingValue: SettingValue {
    guard case .longestSide(let side) = self else { return .text(description) }
    return .integer(side)
  }
}
