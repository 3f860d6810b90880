import Engine

extension Picture {
  /// The picture with each channel's cumulative distribution matched to another picture's.
  func withHistograms(of other: Picture) -> Picture {
    var elements = pixels.elements
    for channel in 0..<3 {
      let own = Distribution(of: self, channel: channel)
      let wanted = Distribution(of: other, channel: channel)
      let values = own.quantiles(in: wanted)
      for (value, places) in zip(values, own.places) {
        for place in places { elements[place] = value }
      }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}

/// The distinct values of a channel in ascending order. A pixel counts as much as it is opaque.
private struct Distribution {
  private var values: [Float] = []
  /// The mean rank of each value's pixels, 0…1.
  private var ranks: [Double] = []
  /// The indices of each value's elements in the tensor.
  private(set) var places: [ArraySlice<Int>] = []
  /// The indices of the values that visible pixels have, or of all if no pixel is visible.
  private var visible: [Int] = []

  init(of picture: Picture, channel: Int) {
    let elements = picture.pixels.elements
    let weights = picture.colorWeights
    let order = stride(from: channel, to: elements.count, by: 3).sorted {
      elements[$0] < elements[$1]
    }
    var below = 0.0
    var start = 0
    while start < order.count {
      let value = elements[order[start]]
      let end = order[start...].firstIndex { elements[$0] != value } ?? order.count
      let weight = order[start..<end].reduce(0) { $0 + weights[$1 / 3] }
      if weight > 0 { visible.append(values.count) }
      values.append(value)
      // Tied pixels share the mean of their ranks. The last rank would move large areas of one
      // value to an end of the other distribution.
      ranks.append(below + weight / 2)
      places.append(order[start..<end])
      below += weight
      start = end
    }
    for i in ranks.indices { ranks[i] /= below }
  }

  /// For each value, the value of the same rank in another distribution, linearly
  /// interpolated.
  func quantiles(in other: Distribution) -> [Float] {
    let (ranks, values) = (
      other.visible.map { other.ranks[$0] }, other.visible.map { other.values[$0] }
    )
    var above = 0
    return self.ranks.map { rank in
      while above < ranks.count - 1, ranks[above] < rank { above += 1 }
      guard above > 0, ranks[above] > rank else { return values[above] }
      let below = ranks[above - 1]
      let part = Float((rank - below) / (ranks[above] - below))
      return values[above - 1] + part * (values[above] - values[above - 1])
    }
  }
}
