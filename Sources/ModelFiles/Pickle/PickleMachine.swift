import Files
import Foundation

/// Reads a pickle as a description of values.
///
/// A pickle is a program that builds Python objects. Functions are named but never called, and
/// objects are never created. The instructions are those of protocols 0 to 5 in CPython's
/// pickletools (https://docs.python.org/3/library/pickletools.html), except for those that
/// refer to anything outside of the stream.
struct PickleMachine {
  private var reader: ByteReader
  private var values: [PickleValue] = []
  private var stack: [PickleValue.Reference] = []
  /// The height of the stack at each mark.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue.Reference] = [:]

  /// Far more than a network needs. Each may create a value of about a hundred bytes.
  private static let mostInstructions = 200_000

  /// Reads one pickle.
  ///
  /// - Parameter reader: at the pickle; moved to its end.
  /// - Throws: `ModelFileError.malformed`.
  static func document(_ reader: inout ByteReader) throws -> PickleDocument {
    var machine = PickleMachine(reader: reader)
    let root = try machine.run()
    reader = machine.reader
    return PickleDocument(values: machine.values, root: root, reader: reader)
  }

  private init(reader: ByteReader) { self.reader = reader }

  private mutating func run() throws -> PickleValue.Reference {
    for _ in 0..<Self.mostInstructions {
      let start = reader.offset
      let code = try reader.byte()
      guard let instruction = PickleInstruction(rawValue: code) else {
        throw reader.malformed("\(code) is not an instruction of a pickle", at: start)
      }
      if instruction == .stop { return try pop() }
      try execute(instruction)
    }
    throw reader.malformed("the pickle has more than \(Self.mostInstructions) instructions")
  }

  private mutating func execute(_ instruction: PickleInstruction) throws {
    switch instruction {
    case .stop, .mark: marks.append(stack.count)
    case .pop: try popAny()
    case .popMark: _ = try popToMark()
    case .dup: stack.append(try top())
    case .proto, .frame: _ = try reader.skip(instruction == .proto ? 1 : 8)

    case .none: try push(.none)
    case .newtrue: try push(.boolean(true))
    case .newfalse: try push(.boolean(false))
    case .int, .long: try pushDecimal()
    case .binint: try push(.integer(Int(try reader.integer(Int32.self))))
    case .binint1: try push(.integer(Int(try reader.byte())))
    case .binint2: try push(.integer(Int(try reader.integer(UInt16.self))))
    case .long1: try pushLong(count: try reader.length(UInt8.self))
    case .long4: try pushLong(count: try reader.length(Int32.self))
    case .float: try pushDecimalReal()
    case .binfloat:
      try push(.real(Double(bitPattern: try reader.integer(UInt64.self).byteSwapped)))

    case .string: try pushQuoted()
    case .unicode: try push(.text(try reader.line()))
    case .binunicode: try pushText(count: try reader.length(UInt32.self))
    case .shortBinunicode: try pushText(count: try reader.length(UInt8.self))
    case .binunicode8: try pushText(count: try reader.length(UInt64.self))
    // Python 2 wrote both names and bytes with this instruction.
    case .shortBinstring, .shortBinbytes:
      try push(.bytes(reader.skip(try reader.length(UInt8.self))))
    case .binbytes: try push(.bytes(reader.skip(try reader.length(UInt32.self))))
    case .binstring: try push(.bytes(reader.skip(try reader.length(Int32.self))))
    case .binbytes8, .bytearray8: try push(.bytes(reader.skip(try reader.length(UInt64.self))))

    case .emptyTuple: try push(.tuple)
    case .tuple: try push(.tuple, elements: try popToMark())
    case .tuple1: try push(.tuple, elements: try pop(1))
    case .tuple2: try push(.tuple, elements: try pop(2))
    case .tuple3: try push(.tuple, elements: try pop(3))
    case .emptyList: try push(.list)
    case .list: try push(.list, elements: try popToMark())
    case .emptyDict: try push(.dictionary)
    case .emptySet: try push(.set)
    case .frozenset: try push(.set, elements: try popToMark())
    case .dict:
      let items = try popToMark()
      try push(.dictionary)
      try set(items)
    case .append: try append(try pop(1))
    case .appends, .additems: try append(try popToMark())
    case .setitem: try set(try pop(2))
    case .setitems: try set(try popToMark())

    case .put: try memoize(try decimal())
    case .binput: try memoize(Int(try reader.byte()))
    case .longBinput: try memoize(Int(try reader.integer(UInt32.self)))
    case .memoize: try memoize(memo.count)
    case .get: try recall(try decimal())
    case .binget: try recall(Int(try reader.byte()))
    case .longBinget: try recall(Int(try reader.integer(UInt32.self)))

    case .global: try push(.global(module: try reader.line(), name: try reader.line()))
    case .stackGlobal: try pushNamedGlobal()
    case .reduce, .newobj:
      let arguments = try pop()
      try push(.call(function: try pop(), arguments: arguments))
    case .newobjEx:
      _ = try pop()
      let arguments = try pop()
      try push(.call(function: try pop(), arguments: arguments))
    case .obj:
      let parts = try popToMark()
      guard let function = parts.first else { throw reader.malformed("an object without a class") }
      try pushCall(function, Array(parts.dropFirst()))
    case .inst:
      let arguments = try popToMark()
      try push(.global(module: try reader.line(), name: try reader.line()))
      try pushCall(try pop(), arguments)
    case .build:
      let state = try pop()
      values[try top()].state = state
    case .persid:
      try push(.text(try reader.line()))
      try push(.persistent(try pop()))
    case .binpersid: try push(.persistent(try pop()))
    }
  }

  // MARK: Stack

  private mutating func push(
    _ kind: PickleValue.Kind, elements: [PickleValue.Reference] = []
  ) throws {
    values.append(PickleValue(kind: kind, elements: elements))
    stack.append(values.count - 1)
  }

  private mutating func pushCall(
    _ function: PickleValue.Reference, _ arguments: [PickleValue.Reference]
  ) throws {
    try push(.tuple, elements: arguments)
    try push(.call(function: function, arguments: try pop()))
  }

  private func top() throws -> PickleValue.Reference {
    guard stack.count > marks.last ?? 0 else { throw reader.malformed("a value is missing") }
    return stack.last!
  }

  private mutating func pop() throws -> PickleValue.Reference {
    let top = try top()
    stack.removeLast()
    return top
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue.Reference] {
    guard stack.count - count >= marks.last ?? 0 else {
      throw reader.malformed("a value is missing")
    }
    defer { stack.removeLast(count) }
    return stack.suffix(count)
  }

  /// Removes the top value or, if it is next, the top mark.
  private mutating func popAny() throws {
    if let mark = marks.last, mark == stack.count {
      marks.removeLast()
    } else {
      _ = try pop()
    }
  }

  private mutating func popToMark() throws -> [PickleValue.Reference] {
    guard let mark = marks.popLast() else { throw reader.malformed("a mark is missing") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func append(_ elements: [PickleValue.Reference]) throws {
    values[try top()].elements += elements
  }

  private mutating func set(_ items: [PickleValue.Reference]) throws {
    guard items.count % 2 == 0 else { throw reader.malformed("a key without a value") }
    let target = try top()
    for i in stride(from: 0, to: items.count, by: 2) {
      values[target].items.append((items[i], items[i + 1]))
    }
  }

  private mutating func memoize(_ place: Int) throws { memo[place] = try top() }

  private mutating func recall(_ place: Int) throws {
    guard let reference = memo[place] else {
      throw reader.malformed("nothing was remembered as number \(place)")
    }
    stack.append(reference)
  }

  // MARK: Values

  private mutating func decimal() throws -> Int {
    let start = reader.offset
    guard let value = Int(try reader.line()) else {
      throw reader.malformed("this is not a number", at: start)
    }
    return value
  }

  /// Pushes an integer, or a boolean of protocol 0 (`01` or `00`). A long ends with L.
  private mutating func pushDecimal() throws {
    let start = reader.offset
    let line = try reader.line()
    switch line {
    case "01": try push(.boolean(true))
    case "00": try push(.boolean(false))
    default:
      guard let value = Int(line.hasSuffix("L") ? String(line.dropLast()) : line) else {
        throw reader.malformed("this is not an integer", at: start)
      }
      try push(.integer(value))
    }
  }

  private mutating func pushDecimalReal() throws {
    let start = reader.offset
    guard let value = Double(try reader.line()) else {
      throw reader.malformed("this is not a number", at: start)
    }
    try push(.real(value))
  }

  /// Pushes a little-endian integer in two's complement.
  private mutating func pushLong(count: Int) throws {
    guard count <= 8 else { return try push(.bytes(try reader.skip(count))) }
    let bytes = try reader.bytes(count)
    let isNegative = bytes.last.map { $0 & 0x80 != 0 } ?? false
    let magnitude = bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) }
    try push(.integer(magnitude))
  }

  private mutating func pushText(count: Int) throws { try push(.text(try reader.text(count))) }

  /// Pushes a quoted string of protocol 0. Escapes are not decoded.
  private mutating func pushQuoted() throws {
    let start = reader.offset
    let line = try reader.line()
    guard line.count >= 2, let quote = line.first, quote == line.last, "'\"".contains(quote) else {
      throw reader.malformed("a string without quotes", at: start)
    }
    try push(.text(String(line.dropFirst().dropLast())))
  }

  private mutating func pushNamedGlobal() throws {
    let (name, module) = (try pop(), try pop())
    guard case .text(let name) = values[name].kind, case .text(let module) = values[module].kind
    else { throw reader.malformed("a function without a name") }
    try push(.global(module: module, name: name))
  }
}
