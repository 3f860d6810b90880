import Foundation

/// Curves over iterations on a logarithmic axis, as SVG.
struct LossChart {
  /// A curve with its name and color.
  struct Curve {
    let name: String
    let color: String
    let points: [(x: Double, y: Double)]
  }

  let curves: [Curve]
  /// The positions of dashed lines.
  let marks: [Double]

  private static let size = (width: 760.0, height: 320.0)
  private static let frame = (left: 64.0, right: 16.0, top: 12.0, bottom: 36.0)
  /// The most decades that are shown: a loss near zero would flatten all others.
  private static let mostDecades = 8.0

  /// The loss curves of a run: each term with its weight in the sum.
  init(_ log: LossLog, weights: [String: Double]) {
    self.init(
      log.rows.map { (Double($0.iteration), $0.losses) }, weights: weights,
      marks: zip(log.rows, log.rows.dropFirst()).filter { $0.scale != $1.scale }.map {
        Double($0.0.iteration) + 0.5
      })
  }

  /// Loss curves: each term with its weight in the sum.
  init(
    _ rows: [(number: Double, losses: [String: Double])], weights: [String: Double],
    marks: [Double] = []
  ) {
    let colors = ["total": "#222222", "content": "#1f6fb4", "style": "#c8501e", "tv": "#5a8f3c"]
    curves = LossLog.terms.map { term in
      Curve(
        name: term == "total" ? term : "\(term) × weight", color: colors[term]!,
        points: rows.map { ($0.number, ($0.losses[term] ?? 0) * (weights[term] ?? 1)) })
    }
    .filter { $0.points.contains { $0.y > 0 } }
    self.marks = marks
  }

  /// The range of logarithms that is shown.
  private var range: ClosedRange<Double> {
    let values = curves.flatMap(\.points).map(\.y).filter { $0 > 0 }.map(log10)
    guard let most = values.max(), let least = values.min() else { return 0...1 }
    let top = most.rounded(.up)
    return max(least.rounded(.down), top - Self.mostDecades)...max(top, least.rounded(.down) + 1)
  }

  /// The chart as an element of a page.
  var svg: String {
    let (size, frame, range) = (Self.size, Self.frame, range)
    let last = max(2, curves.flatMap(\.points).map(\.x).max() ?? 2)
    func x(_ value: Double) -> Double {
      frame.left + (value - 1) / (last - 1) * (size.width - frame.left - frame.right)
    }
    func y(_ exponent: Double) -> Double {
      let part = (exponent - range.lowerBound) / (range.upperBound - range.lowerBound)
      return size.height - frame.bottom - part * (size.height - frame.top - frame.bottom)
    }
    var parts: [String] = []
    for exponent in Int(range.lowerBound)...Int(range.upperBound) {
      let height = y(Double(exponent))
      parts.append(
        String(
          format:
            "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/><text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">1e%d</text>",
          frame.left, height, size.width - frame.right, frame.left - 8, height + 4, exponent))
    }
    for mark in marks {
      parts.append(
        String(
          format: "<path class=\"mark\" d=\"M%.1f %.1fV%.1f\"/>", x(mark), frame.top,
          size.height - frame.bottom))
    }
    for tick in ticks(last) {
      parts.append(
        String(
          format: "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%@\">%d</text>", x(tick),
          size.height - frame.bottom + 18, tick == last ? "end" : "middle", Int(tick)))
    }
    for curve in curves {
      let points = curve.points.filter { $0.y > 0 }.map {
        String(format: "%.1f,%.1f", x($0.x), y(max(log10($0.y), range.lowerBound)))
      }
      parts.append(
        "<polyline points=\"\(points.joined(separator: " "))\" stroke=\"\(curve.color)\"/>")
    }
    return "<svg viewBox=\"0 0 \(Int(size.width)) \(Int(size.height))\" role=\"img\" "
      + "aria-label=\"Losses over iterations\">\(parts.joined())</svg>"
  }

  /// Round numbers of iterations, the first and the last among them.
  private func ticks(_ last: Double) -> [Double] {
    let step = max(1, (last / 6 / 5).rounded(.up) * 5)
    return [1] + stride(from: step, through: last - step / 2, by: step).filter { $0 > 1 } + [last]
  }
}
