import Impasto

let photo = try Picture(contentsOf: "photo.jpg", longestSide: 256)
let painting = try Picture(contentsOf: "painting.jpg", longestSide: 256)
let transfer = try StyleTransfer(
  content: photo, styles: [painting], options: .init(longestSide: 256))
for try await step in transfer.steps() {
  print(step.iteration, step.losses.total)
  if step.status != .running { try step.picture().write(to: "out.png") }
}
