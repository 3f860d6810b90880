import Files
import Foundation
import Impasto
import Pictures

/// One run of a job: the only loop over a transfer's steps.
actor JobRun {
  private let job: TransferJob
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
    let inputs: InputFiles
    let encoding: PictureEncoding?
    var steps: TransferSteps.Iterator
    var recorder: RunRecorder?
    var last: (step: TransferStep, seconds: Double)?
  }

  init(_ job: TransferJob) {
    self.job = job
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

  private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// Reads and checks the inputs.
  private func prepare() -> JobEvent {
    do {
      let prepared = try RecipeTransfer(
        job.recipe, networks: job.networks, threads: job.threads, recorded: job.recorded)
      let plan = JobPlan(prepared)
      let work = Work(
        prepared: prepared, plan: plan, inputs: InputFiles(prepared.inputs),
        encoding: try job.output.map {
          try prepared.encoding(path: $0, includesMetadata: job.includesMetadata)
        },
        steps: prepared.transfer.steps().makeAsyncIterator(),
        recorder: try job.record.map {
          try RunRecorder(folder: $0, prepared, includesMetadata: job.includesMetadata)
        })
      phase = .running(work)
      pending += prepared.warnings.map { .warning($0) }
      let differences =
        job.recorded?.provenance.map { prepared.provenance.differences(from: $0) } ?? []
      if !differences.isEmpty {
        pending.append(
          .warning("The result may differ a little: \(differences.joined(separator: ", ")).")
        )
      }
      return .started(plan)
    } catch {
      phase = .ended
      return .failed(JobFailure(cause: error, kept: nil))
    }
  }

  /// Computes one more step, and gives it to the record and the frames.
  private func advance(_ work: Work) async -> JobEvent {
    var work = work
    do {
      guard let step = try await work.steps.next() else {
        preconditionFailure("The last step has a status of its own.")
      }
      let seconds = seconds
      work.last = (step, seconds)
      try work.recorder?.record(step, seconds: seconds)
      if let path = job.frames?.path(after: step.iteration) {
        try work.inputs.checkNotInput(path, key: "frames")
        try step.picture().write(to: path)
      }
      if step.status == .running {
        phase = .running(work)
      } else {
        if let recorder = work.recorder, isKept(step) {
          pending.append(.recording(folder: recorder.folder))
        }
        phase = .completing(work)
      }
      return .step(step, seconds: seconds)
    } catch {
      return await fail(work, error)
    }
  }

  /// A canceled run may leave nothing.
  private func isKept(_ step: TransferStep) -> Bool {
    step.status != .cancelled || job.keepsPartialResult
  }

  /// Completes the record and writes the result.
  private func complete(_ work: Work) async -> JobEvent {
    var work = work
    do {
      let (step, seconds) = work.last!
      let picture = try step.picture()
      guard isKept(step) else {
        work.recorder?.abandon()
        phase = .ended
        return .finished(
          JobResult(
            plan: work.plan, step: step, picture: picture, seconds: seconds, output: nil,
            record: nil))
      }
      let record = try await work.recorder?.finish(step, picture)
      // From here on a failure is not one of the record.
      work.recorder = nil
      if let output = job.output { try picture.write(to: output, work.encoding!) }
      phase = .ended
      return .finished(
        JobResult(
          plan: work.plan, step: step, picture: picture, seconds: seconds,
          output: job.output ?? record?.folder.result, record: record))
    } catch {
      return await fail(work, error)
    }
  }

  /// Ends the run, and keeps the last good picture where the job says so.
  private func fail(_ work: Work, _ error: any Error) async -> JobEvent {
    phase = .ended
    var kept: String?
    if job.keepsPartialResult, let (step, _) = work.last, let picture = try? step.picture() {
      if let record = await keepRecord(work, step, picture, error) { kept = record.folder.result }
      if let output = job.output, (try? picture.write(to: output, work.encoding!)) != nil {
        kept = output
      }
    } else {
      work.recorder?.abandon()
    }
    return .failed(
      JobFailure(
        cause: error, kept: kept.map { .init(iteration: work.last!.step.iteration, path: $0) }))
  }

  /// Completes the record of a run that failed; nil and without a trace if that fails too.
  private func keepRecord(
    _ work: Work, _ step: TransferStep, _ picture: Picture, _ error: any Error
  ) async -> RunRecord? {
    do {
      return try await work.recorder?.finish(step, picture, failure: error)
    } catch {
      work.recorder?.abandon()
      return nil
    }
  }
}
