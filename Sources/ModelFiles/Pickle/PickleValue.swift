/// A value that a pickle describes. Values refer to others by their numbers, so that cycles
/// and endless nesting do no harm.
struct PickleValue {
  var kind: Kind
  /// What a list or a tuple holds, or was appended to an object.
  var elements: [Reference] = []
  /// What a dictionary holds, or was set in an object.
  var items: [(key: Reference, value: Reference)] = []
  /// What an object was told to take as its state.
  var state: Reference?

  typealias Reference = Int

  enum Kind {
    case none
    case boolean(Bool)
    case integer(Int)
    case real(Double)
    case text(String)
    /// Where the bytes are; so are Python 2's strings, and integers beyond 64 bits.
    case bytes(Range<Int>)
    case tuple
    case list
    case dictionary
    case set
    /// A function or class. It is never looked up: the name is all there is of it.
    case global(module: String, name: String)
    /// What calling a function would give.
    case call(function: Reference, arguments: Reference)
    /// What the file keeps outside of the pickle.
    case persistent(Reference)
  }
}

/// What one pickle describes.
struct PickleDocument {
  let values: [PickleValue]
  let root: PickleValue.Reference
  /// Reads what the pickle's bytes are.
  let reader: ByteReader

  subscript(_ reference: PickleValue.Reference) -> PickleValue { values[reference] }

  private static let longestText = 1 << 16

  /// A string, of Python 2 or 3, or bytes that stand for one.
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
