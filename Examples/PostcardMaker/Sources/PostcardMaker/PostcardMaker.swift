import Impasto

/// Repaints a photo as a small picture in the style of a painting that ships with Impasto.
///
/// Usage: `PostcardMaker photo.jpg postcard.png`
@main struct PostcardMaker {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3 else {
      print("usage: PostcardMaker PHOTO RESULT")
      return
    }
    let photo = try Picture(contentsOf: arguments[1])
    let painting = try Picture(contentsOf: Painting.catalog[0].path(in: .located()))
    let transfer = try StyleTransfer(
      content: photo, styles: [painting], options: .init(longestSide: 256, iterations: 50))
    var last: TransferStep?
    for try await step in transfer.steps() {
      print(step.iteration, step.losses.total)
      last = step
    }
    try last?.picture().write(to: arguments[2])
  }
}
