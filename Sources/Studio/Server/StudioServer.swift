#if Studio
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import Runs
import NIOPosix

/// The studio: a web application that paints with everything that Impasto can do.
public struct StudioServer: Sendable {
  /// How the studio works.
  public struct Options: Sendable {
    /// The folder of its pictures, jobs and database.
    public var data: String
    public var host: String
    public var port: Int
    /// The secret that clients must know; nil for one that is made where the host needs it.
    public var token: String?
    /// The bytes of memory for a picture; nil for most of what is available.
    public var memory: Int?
    public var threads: Int?
    /// The folders of the records of trainings to watch.
    public var trainings: [String]

    public init(
      data: String, host: String = "127.0.0.1", port: Int = 7575, token: String? = nil,
      memory: Int? = nil, threads: Int? = nil, trainings: [String] = []
    ) {
      self.trainings = trainings
      (self.data, self.host, self.port, self.token) = (data, host, port, token)
      (self.memory, self.threads) = (memory, threads)
    }
  }

  private let options: Options
  private let policy: AccessPolicy
  private let queue: JobQueue
  private let deleted: DeletedJobs
  private let api: StudioAPI

  /// The most connections at a time.
  private static let mostConnections = 1500
  /// The time without a request after which a connection ends.
  private static let idleTimeout = TimeAmount.seconds(75)
  private static let mostHeaderBytes = 16 << 10

  /// Opens the studio's folder.
  ///
  /// - Parameter version: the program's, for clients.
  /// - Throws: `StudioError`, `FileError` if another studio works in the folder, and the database's error.
  public init(_ options: Options, version: String) throws {
    self.options = options
    let needsToken = !AccessPolicy.isLoopback(options.host)
    policy = AccessPolicy(
      host: options.host, port: options.port,
      token: options.token ?? (needsToken ? AccessPolicy.makeToken() : nil))
    // The studio's folder becomes the working folder.
    let trainings = try options.trainings.map { path in
      try TrainingWatch(URL(fileURLWithPath: path).path)
    }
    let library = try Library(StudioFolder(options.data))
    let (hub, live) = (EventHub(), LiveJobs())
    let runner = JobRunner(
      library: library, hub: hub, live: live, memory: options.memory, threads: options.threads)
    queue = try JobQueue(runner)
    api = StudioAPI(
      version: version, library: library, queue: queue, hub: hub, live: live,
      intake: PictureIntake(library), trainings: trainings)
    deleted = DeletedJobs(library: library, hub: hub)
  }

  /// The link that opens the studio, with its secret.
  public var link: String {
    let isAny = ["0.0.0.0", "::"].contains(options.host)
    let name = isAny ? ProcessInfo.processInfo.hostName : options.host
    let host = name.contains(":") ? "[\(name)]" : name
    return "http://\(host):\(options.port)/" + (policy.token.map { "?token=\($0)" } ?? "")
  }

  /// Serves until the task is canceled. A job that is running then goes on at the next start.
  ///
  /// - Parameter started: is called when the server accepts connections.
  /// - Throws: `StudioError.noAddress` if the port is taken.
  public func run(started: @escaping @Sendable () -> Void) async throws {
    let router = Router(context: StudioContext.self, options: [.autoGenerateHeadEndpoints])
    router.add(middleware: SecurityHeaders())
    router.add(middleware: ErrorAnswers())
    router.add(middleware: AccessGuard(policy: policy))
    let endpoints = api.endpoints + StudioPages.endpoints
    router.add(middleware: MethodCheck(endpoints: endpoints))
    for endpoint in endpoints {
      router.on(RouterPath(endpoint.path), method: endpoint.method, use: endpoint.handler)
    }
    var logger = Logger(label: "impasto.studio")
    // It calls the end of connections at the end of the program errors.
    logger.logLevel = .critical
    let application = Application(
      router: router,
      server: .http1(
        configuration: .init(
          idleTimeout: Self.idleTimeout,
          httpDecoderConfiguration: .init(
            maxHeaderFieldSize: Self.mostHeaderBytes, maxHeaderListSize: Self.mostHeaderBytes,
            maxHeaderFieldCount: 100))),
      configuration: ApplicationConfiguration(
        address: .hostname(options.host, port: options.port),
        availableConnectionsDelegate: MaximumAvailableConnections(Self.mostConnections)),
      onServerRunning: { [queue] _ in
        started()
        await queue.advance()
      },
      logger: logger)
    let cleaning = Task { [deleted] in try await deleted.run() }
    defer { cleaning.cancel() }
    do {
      try await application.run()
    } catch let error as IOError {
      throw StudioError.noAddress(
        host: options.host, port: options.port, reason: Self.reason(error))
    } catch is CancellationError {
      // The usual end.
    }
    await queue.close()
  }

  private static func reason(_ error: IOError) -> String {
    error.errnoCode == EADDRINUSE
      ? "another program uses it" : String(cString: strerror(error.errnoCode))
  }
}
#endif
