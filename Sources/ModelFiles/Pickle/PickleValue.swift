/// A value that a pickle describes.
///
/// Values refer to others by index, so cycles and deep nesting are harmless.
struct PickleValue {
  var kind: Kind
  /// The elements of a list or tuple, or those appended to an object.
  var elements: [Reference] = []
  /// The entries of a dictionary, or those set in an object.
  var items: [(key: Reference, value: Reference)] = []
  /// The state that the pickle gives an object.
  var state: Reference?

  typealias Reference = Int

  enum Kind {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    /// The position of bytes, of a Python 2 string, or of an integer beyond 64 bits.
    case bytes(Range<Int>)
    case tuple
    case list
    case dictionary
    case set
    /// A function or class, which is never looked up: only its name is kept.
    case global(module: String, name: String)
    /// The result of a call that is never made.
    case call(function: Reference, arguments: Reference)
    /// An object outside of the pickle, by its identifier.
    case persistent(Reference)
  }
}

/// The values that one pickle describes.
struct PickleDocument {
  let values: [PickleValue]
  let root: PickleValue.Reference
  /// Reads the pickle's bytes.
  let reader: ByteReader

  subscript(_ reference: PickleValue.Reference) -> PickleValue { values[reference] }

  private static let longestText = 1 << 16

  /// A string of Python 2 or 3, or bytes that are UTF-8.
  func text(_ reference: PickleValue.Reference) -> String? {
    switch values[reference].kind {
    case .text(let text): text
    case .bytes(let range) where range.count <= Self.longestText: reader.text(in: range)
    default: nil
    }
  }

  func integer(_ reference: PickleValue.Reference) -> Int? {
    if case .integer(let value) = values[reference].kind { value } else { nil }
  }

  func boolean(_ reference: PickleValue.Reference) -> Bool? {
    switch values[reference].kind {
    case .boolean(let value): value
    case .integer(let value): value != 0
    default: nil
    }
  }

  /// The elements of a tuple or a list.
  func sequence(_ reference: PickleValue.Reference) -> [PickleValue.Reference]? {
    switch values[reference].kind {
    case .tuple, .list: values[reference].elements
    default: nil
    }
  }

  /// A tuple or a list of integers.
  func integers(_ reference: PickleValue.Reference) -> [Int]? {
    guard let elements = sequence(reference) else { return nil }
    let integers = elements.compactMap(integer)
    return integers.count == elements.count ? integers : nil
  }

  /// The name `module.name` of a function or class.
  func global(_ reference: PickleValue.Reference) -> String? {
    if case .global(let module, let name) = values[reference].kind {
      "\(module).\(name)"
    } else {
      nil
    }
  }

  /// The name of the function of a call, and its arguments.
  func call(_ reference: PickleValue.Reference)
    -> (function: String, arguments: [PickleValue.Reference])?
  {
    guard case .call(let function, let arguments) = values[reference].kind,
      let name = global(function), let arguments = sequence(arguments)
    else { return nil }
    return (name, arguments)
  }
}
