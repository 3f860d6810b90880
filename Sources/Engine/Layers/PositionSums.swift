extension Workspace {
  /// Sums values over the positions of a map in double precision.
  ///
  /// Partial sums depend only on the number of positions, and are added in order. The result is
  /// bitwise identical for any number of threads.
  ///
  /// - Parameters:
  ///   - positions: the number of positions.
  ///   - values: the number of sums.
  ///   - body: adds a range of positions to the sums.
  /// - Returns: the sums, in the workspace's shared memory. They are valid until that memory is
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

  /// Sums each channel of a map `[positions, channels]`, as `sum(positions:values:_:)` does.
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
