import Files
import Foundation
import Impasto
import Pictures

/// One run of a job: the only loop over a transfer's steps.
actor JobRun {
  private let job: TransferJob
  private let checkpoint: Checkpoint?
  private let start = ContinuousClock.now
  private var phase = Phase.ready
  /// Events that are known already.
  private var pending: [JobEvent] = []

  private enum Phase {
    case ready
    case running(Work)
    case completing(Work)
    case ended
  }

  /// What exists from the start of the iterations on.
  private struct Work {
    let prepared: RecipeTransfer
    let plan: JobPlan
    let encoding: PictureEncoding?
    var steps: TransferSteps.Iterator
    var sides: SideOutputs
    var last: (step: TransferStep, seconds: Double)?
  }

  init(_ job: TransferJob, from checkpoint: Checkpoint?) {
    var job = job
    // A run continues only with the files that it began with.
    if let checkpoint { job.recorded = checkpoint.job.recorded }
    self.job = job
    self.checkpoint = checkpoint
  }

  /// The next event; nil after the last.
  func next() async -> JobEvent? {
    guard pending.isEmpty else { return pending.removeFirst() }
    switch phase {
    case .ready: return prepare()
    case .running(let work): return await advance(work)
    case .completing(let work): return await complete(work)
    case .ended: return nil
    }
  }

  /// The seconds since the start, with those of the run before a checkpoint.
  private var seconds: Double {
    (ContinuousClock.now - start) / .seconds(1) + (checkpoint?.seconds ?? 0)
  }

  /// Reads and checks the inputs.
  private func prepare() -> JobEvent {
    do {
      let prepared = try RecipeTransfer(
        job.recipe, networks: job.networks, threads: job.threads, memory: job.memory,
        recorded: job.recorded, checkSize: checkSize)
      let plan = JobPlan(prepared, firstIteration: checkpoint?.iteration ?? 0)
      let inputs = InputFiles(prepared.inputs + [job.recorded?.path].compactMap(\.self))
      if let output = job.output { try inputs.checkNotInput(output, key: "output") }
      let encoding = try job.output.map {
        try prepared.encoding(
          path: $0, format: job.format, includesMetadata: job.includesMetadata)
      }
      let work = Work(
        prepared: prepared, plan: plan, encoding: encoding,
        steps: prepared.transfer.steps(from: checkpoint?.transfer).makeAsyncIterator(),
        sides: try SideOutputs(job, prepared, from: checkpoint))
      phase = .running(work)
      pending += warnings(work).map { .warning($0) }
      return .started(plan)
    } catch {
      phase = .ended
      return .failed(JobFailure(cause: error, kept: nil))
    }
  }

  /// Checks that the result's format can hold its size.
  private func checkSize(_ size: PixelSize) throws {
    guard let output = job.output else { return }
    try (job.format ?? PictureFormat(path: output)).check(size, path: output)
  }

  private func warnings(_ work: Work) -> [String] {
    let differences =
      job.recorded?.provenance.map { work.prepared.provenance.differences(from: $0) } ?? []
    return work.prepared.notes + work.prepared.warnings
      + [
        differences.isEmpty
          ? nil : "The result may differ a little: \(differences.joined(separator: ", ")).",
        work.sides.replacedCheckpoint.map {
          "\($0) is from a run that was stopped, and will be replaced."
        },
      ].compactMap(\.self)
  }

  /// Computes one more step, and gives it to the record, the frames and the checkpoint.
  private func advance(_ work: Work) async -> JobEvent {
    var work = work
    do {
      guard let step = try await work.steps.next() else {
        preconditionFailure("The last step has a status of its own.")
      }
      let seconds = seconds
      work.last = (step, seconds)
      pending += await work.sides.add(step, seconds: seconds, work.steps).map { .warning($0) }
      if step.status == .running {
        phase = .running(work)
      } else {
        if let folder = work.sides.recordFolder, isKept(step) {
          pending.append(.recording(folder: folder))
        }
        phase = .completing(work)
      }
      return .step(step, seconds: seconds)
    } catch {
      return await fail(work, error)
    }
  }

  /// A canceled run may leave no picture.
  private func isKept(_ step: TransferStep) -> Bool {
    step.status != .cancelled || job.keepsPartialResult
  }

  /// Writes the result, and then completes the record.
  private func complete(_ work: Work) async -> JobEvent {
    var work = work
    do {
      let (step, seconds) = work.last!
      let picture = try step.picture()
      let isKept = isKept(step)
      if isKept, let output = job.output { try picture.write(to: output, work.encoding!) }
      let record = try await work.sides.finish(
        step, picture, seconds: seconds, isKept: isKept, work.steps)
      phase = .ended
      pending +=
        warnings(step).map { .warning($0) } + work.sides.takeWarnings().map { .warning($0) }
      pending.append(
        .finished(
          JobResult(
            plan: work.plan, step: step, picture: picture, seconds: seconds,
            output: isKept ? job.output ?? record?.folder.result : nil, record: record,
            resumable: work.sides.resumable, isIncomplete: work.sides.hasFailed)))
      return pending.removeFirst()
    } catch {
      return await fail(work, error)
    }
  }

  private func warnings(_ last: TransferStep) -> [String] {
    let (end, start) = (last.losses.total, last.scaleStartLoss)
    guard last.status != .cancelled, end > start else { return [] }
    return [
      String(
        format: "The loss ended at %.4g, above its start, %.4g: try a smaller learning rate.", end,
        start)
    ]
  }

  /// Ends the run, and keeps the last good picture where the job says so.
  private func fail(_ work: Work, _ error: any Error) async -> JobEvent {
    var work = work
    phase = .ended
    var kept: String?
    if job.keepsPartialResult, let (step, _) = work.last, let picture = try? step.picture() {
      kept = await work.sides.keep(step, picture, after: error)
      if let output = job.output, (try? picture.write(to: output, work.encoding!)) != nil {
        kept = output
      }
    } else {
      work.sides.abandon()
    }
    // A run that diverged would do so again.
    if error is OptimizerError, work.last != nil { work.sides.removeCheckpoint() }
    return .failed(
      JobFailure(
        cause: error, kept: kept.map { .init(iteration: work.last!.step.iteration, path: $0) },
        resumable: work.sides.resumable))
  }
}
