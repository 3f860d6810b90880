import ArgumentParser
import Foundation
import Impasto

/// The transfers of one command: each photo in turn, with one network, and with
/// style targets computed once for each size.
struct TransferBatch {
  private let command: TransferCommand
  private let plan: OutputPlan
  private let network: FeatureNetwork
  private let styleLayers: LayerWeights
  private let contentLayers: LayerWeights
  private let paintings: [(file: PictureFile, weight: Double)]

  /// Checks everything that can be checked before the work.
  init(_ command: TransferCommand) throws {
    self.command = command
    paintings = try zip(command.style.map { try StyleSource($0).file }, command.blendWeights()).map
    { ($0, $1) }
    let startFile = command.optimization.startFile
    if let startFile { _ = try PictureFile(startFile) }
    plan = try OutputPlan(
      photos: command.photos, output: command.output,
      inputs: command.photos + paintings.map(\.file.path) + [command.networkOptions.model]
        + (startFile.map { [$0] } ?? []))
    for (_, result) in plan.pairs { _ = try command.result.encoding(path: result) }
    if let folder = command.result.frames { try PictureFormat.checkWritable("\(folder)/frame.png") }
    if command.photos.count > 1, command.result.frames != nil {
      throw ValidationError("--frames: works for a single photo.")
    }
    network = try command.networkOptions.network(padding: .replicate)
    styleLayers = try command.networkOptions.styleLayers(of: network.architecture)
    contentLayers = try command.networkOptions.contentLayers(of: network.architecture)
  }

  /// Runs all of them; a photo that fails does not stop the others.
  ///
  /// - Throws: the error of a single photo.
  func run() async throws -> BatchReport {
    var batch = BatchReport(photos: plan.pairs.count)
    var targets = StyleTargets()
    for (photo, result) in plan.pairs where !Task.isCancelled {
      do {
        if plan.pairs.count > 1 { say("\(photo):") }
        batch.reports.append(try await transfer(photo, to: result, &targets))
      } catch {
        guard plan.pairs.count > 1 else { throw error }
        Terminal.complain(String(describing: error))
        batch.failed += 1
      }
    }
    return batch
  }

  private func transfer(
    _ path: String, to result: String, _ targets: inout StyleTargets
  ) async throws -> TransferReport {
    let start = ContinuousClock.now
    let file = try PictureFile(path)
    let size = command.sizes.size(of: file.size)
    let styleSizes = paintings.map { command.sizes.style.size(of: $0.file.size, photo: size) }
    do {
      // Checked before anything is decoded in it.
      try checkSize(size)
      let options = try options(size: size)
      let scales = options.scales(photo: size, paintings: styleSizes)
      try checkCoarsest(of: size, scales: scales)
      explain(size, of: file)
      let transfer = try StyleTransfer(
        content: file.decoded(size),
        style: styleTargets(styleSizes, scales: scales, &targets), options: options,
        network: network)
      let (step, curve) = try await run(transfer, result: result, since: start)
      try step.picture().write(to: result, command.result.encoding(path: result))
      say(
        step.status == .cancelled
          ? "Interrupted; what was reached is in \(result)" : "Wrote \(result)")
      return report(
        step, file, result: result, size: size, styleSizes: styleSizes, scales: scales,
        seconds: (ContinuousClock.now - start) / .seconds(1), curve: curve)
    } catch let error where error is NetworkError || error is OptionError {
      throw OptionError("\(path): \(error)")
    }
  }

  private func report(
    _ step: TransferStep, _ file: PictureFile, result: String, size: PixelSize,
    styleSizes: [PixelSize], scales: Int, seconds: Double, curve: [TransferReport.Point]
  ) -> TransferReport {
    TransferReport(
      content: file.path, output: result, status: "\(step.status)", size: .init(size),
      photoSize: .init(file.size),
      styles: zip(paintings, styleSizes).map { painting, size in
        .init(path: painting.file.path, size: .init(size), weight: painting.weight)
      },
      losses: .init(step.losses), seconds: seconds, iterations: step.iteration,
      evaluations: step.evaluations, scales: scales, model: command.networkOptions.model,
      pooling: network.pooling.rawValue, padding: network.padding.rawValue,
      optimizer: command.optimization.optimizer.rawValue,
      seed: command.optimization.seed, curve: curve)
  }

  private func run(
    _ transfer: StyleTransfer, result: String, since start: ContinuousClock.Instant
  ) async throws -> (TransferStep, [TransferReport.Point]) {
    var progress = Progress(iterations: transfer.options.mostIterations)
    var last: TransferStep?
    var curve: [TransferReport.Point] = []
    do {
      for try await step in transfer.steps() {
        last = step
        curve.append(
          .init(
            scale: step.scale, iteration: step.iteration, evaluations: step.evaluations,
            seconds: (ContinuousClock.now - start) / .seconds(1),
            total: JSON.rounded(step.losses.total)))
        if !command.quiet { progress.show(step) }
        try writeFrame(step)
      }
    } catch {
      if !command.quiet { progress.abandon() }
      guard error is OptimizerError else { throw error }
      // The last good picture is worth keeping.
      try last?.picture().write(to: result, command.result.encoding(path: result))
      let kept = last.map { " The picture after iteration \($0.iteration) is in \(result)." } ?? ""
      throw OptionError("\(error)\(kept)")
    }
    return (last!, curve)
  }

  private func writeFrame(_ step: TransferStep) throws {
    guard let folder = command.result.frames, let every = command.result.saveEvery,
      step.iteration > 0, step.iteration % every == 0
    else { return }
    let path = "\(folder)/" + String(format: "frame_%05d.png", step.iteration)
    try plan.checkNotInput(path)
    try step.picture().write(to: path)
  }

  /// The settings for a photo worked on in the given size.
  private func options(size: PixelSize) throws -> TransferOptions {
    var options = TransferOptions(
      longestSide: nil, contentLayers: contentLayers, styleLayers: styleLayers,
      weights: command.objective.weights,
      normalization: command.objective.normalization,
      optimizer: command.optimization.choice(size: size),
      quality: command.optimization.quality ?? .standard,
      iterations: command.optimization.iterations, scales: command.optimization.scales,
      margin: command.optimization.margin,
      seed: UInt64(command.optimization.seed),
      preservesColor: command.result.preserveColor, threads: command.threadOption.threads)
    options.start = try command.optimization.start(size: size)
    return options
  }

  private func checkCoarsest(of size: PixelSize, scales: Int) throws {
    do {
      try checkSize(ScalePlan.sizes(of: size, scales: scales)[0])
    } catch let error as NetworkError {
      throw OptionError("--scales \(scales) is too many: \(error)")
    }
  }

  /// One target for each scale, for paintings that are looked at in these sizes in the last.
  private func styleTargets(_ sizes: [PixelSize], scales: Int, _ targets: inout StyleTargets)
    throws -> [StyleTarget]
  {
    try (0..<scales).map { scale in
      try target(sizes.map { ScalePlan.sizes(of: $0, scales: scales)[scale] }, &targets)
    }
  }

  private func target(_ sizes: [PixelSize], _ targets: inout StyleTargets) throws -> StyleTarget {
    try targets.target(sizes: sizes) {
      try StyleTarget(
        blending: zip(paintings, sizes).map { painting, size in
          do {
            try checkSize(size, for: styleLayers.shares)
            let picture = try painting.file.decoded(size)
            let target = try StyleTarget(
              painting: picture.pixels, layers: styleLayers, network: network,
              threads: command.threadOption.threads)
            return (target, painting.weight)
          } catch let error as NetworkError {
            throw ValidationError("--style \(painting.file.path): \(error)")
          }
        })
    }
  }

  private func checkSize(_ size: PixelSize) throws {
    try checkSize(size, for: contentLayers.shares + styleLayers.shares)
  }

  private func checkSize(_ size: PixelSize, for shares: [LayerWeights.Share]) throws {
    try network.architecture.checkSize(
      width: size.width, height: size.height, for: shares.map(\.layer))
  }

  private func explain(_ size: PixelSize, of file: PictureFile) {
    if size.longestSide > file.size.longestSide {
      say("\(file.path) is enlarged from \(file.size) to \(size).")
    } else if command.sizes.size == nil, file.size.longestSide < SizeOptions.defaultSide {
      say("\(file.path) keeps its size, \(size); --size enlarges it.")
    }
  }

  private func say(_ message: String) {
    if !command.quiet { Terminal.note(message) }
  }
}

/// Style targets by the sizes that the paintings were looked at in.
private struct StyleTargets {
  private var made: [[PixelSize]: StyleTarget] = [:]

  mutating func target(sizes: [PixelSize], make: () throws -> StyleTarget) rethrows -> StyleTarget {
    if let target = made[sizes] { return target }
    let target = try make()
    made[sizes] = target
    return target
  }
}
