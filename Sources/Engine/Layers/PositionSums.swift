extension Workspace {
  /// Sums values over the positions of a map in double precision.
  ///
  /// Positions are summed in parts that depend on their number only, and the parts in order, so
  /// that the result has the same bytes for any number of threads.
  ///
  /// - Parameters:
  ///   - positions: the positions of the map.
  ///   - values: the number of values that each position adds to.
  ///   - body: adds some positions to `values` sums.
  /// - Returns: the sums, in the workspace's shared memory: they are valid until that memory is
  ///   requested again.
  func sum(
    positions: Int, values: Int,
    _ body: (_ positions: Range<Int>, _ sums: UnsafeMutablePointer<Double>) -> Void
  ) -> UnsafePointer<Double> {
    let parts = max(1, min(32, (positions + 255) / 256))
    let length = (positions + parts - 1) / parts
    let sums = UnsafeMutableRawPointer(shared(2 * parts * values))
      .bindMemory(to: Double.self, capacity: parts * values)
    parallel(parts) { part in
      let sum = sums + part * values
      sum.update(repeating: 0, count: values)
      let start = min(positions, part * length)
      body(start..<min(positions, start + length), sum)
    }
    for part in 1..<max(1, parts) {
      for value in 0..<values { sums[value] += sums[part * values + value] }
    }
    return UnsafePointer(sums)
  }

  /// The sum of each channel of a map `[positions, channels]`, as `sum(positions:values:_:)`.
  func sumChannels(
    _ map: UnsafePointer<Float>, positions: Int, channels: Int
  ) -> UnsafePointer<Double> {
    sum(positions: positions, values: channels) { range, sums in
      for position in range {
        let row = map + position * channels
        for channel in 0..<channels { sums[channel] += Double(row[channel]) }
      }
    }
  }
}
