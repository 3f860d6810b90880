import ArgumentParser
import Foundation
import Impasto

struct LayersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "layers",
    abstract: "List the network's layers, for --style-layers and --content-layers.",
    discussion: "relu4_2 and conv4_2 are the same, after the ReLU; conv4_2:pre is before it.")

  @OptionGroup var modelOption: ModelOption

  func run() throws {
    try StandardStreams.print("number  name         channels  pixels a position")
    for layer in try modelOption.network().architecture.layers {
      let name = layer.name.padding(toLength: 11, withPad: " ", startingAt: 0)
      try StandardStreams.print(
        String(format: "%6d  %@  %8d  %8d", layer.index, name, layer.channels, layer.stride))
    }
  }
}
