import Engine

extension Picture {
  /// The picture with each channel's cumulative distribution matched to another picture's.
  func withHistograms(of other: Picture) -> Picture {
    var elements = pixels.elements
    for channel in 0..<3 {
      let own = Distribution(of: pixels, channel: channel)
      let wanted = Distribution(of: other.pixels, channel: channel)
      let values = own.quantiles(in: wanted)
      for (value, places) in zip(values, own.places) {
        for place in places { elements[place] = value }
      }
    }
    return Picture(pixels: Tensor(shape: pixels.shape, elements: elements), alpha: alpha)
  }
}

/// The distinct values of a channel in ascending order.
private struct Distribution {
  private var values: [Float] = []
  /// The fraction of elements that are at most each value.
  private var ranks: [Double] = []
  /// The indices of each value's elements in the tensor.
  private(set) var places: [ArraySlice<Int>] = []

  init(of pixels: Tensor, channel: Int) {
    let elements = pixels.elements
    let order = stride(from: channel, to: elements.count, by: 3).sorted {
      elements[$0] < elements[$1]
    }
    var start = 0
    while start < order.count {
      let value = elements[order[start]]
      let end = order[start...].firstIndex { elements[$0] != value } ?? order.count
      values.append(value)
      ranks.append(Double(end) / Double(order.count))
      places.append(order[start..<end])
      start = end
    }
  }

  /// For each value, the value of the same rank in another distribution, linearly
  /// interpolated.
  func quantiles(in other: Distribution) -> [Float] {
    var above = 0
    return ranks.map { rank in
      while above < other.ranks.count - 1, other.ranks[above] < rank { above += 1 }
      guard above > 0, other.ranks[above] > rank else { return other.values[above] }
      let below = other.ranks[above - 1]
      let part = Float((rank - below) / (other.ranks[above] - below))
      return other.values[above - 1] + part * (other.values[above] - other.values[above - 1])
    }
  }
}
