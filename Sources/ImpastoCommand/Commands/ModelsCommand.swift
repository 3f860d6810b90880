import ArgumentParser
import Foundation
import Impasto
import Runs

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "List, install, inspect and convert networks' weights.",
    subcommands: [
      List.self, Install.self, Inspect.self, Convert.self, Remove.self, Path.self,
    ])

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the networks for --model.")

    @Flag(help: "Also list addresses, sizes, licenses and the known SHA-256 of files.")
    var details = false

    func run() throws {
      let installed = InstalledModels().names
      let catalog = Model.catalog.map { model in
        [
          model.name,
          model.isShipped ? "shipped" : installed.contains(model.name) ? "installed" : "",
          model.summary,
        ]
      }
      let own = installed.filter { name in !Model.catalog.contains { $0.name == name } }
      try StandardStreams.print(
        TextTable(header: nil, rows: catalog + own.map { [$0, "installed", "yours"] }).text)
      if details {
        for model in Model.catalog { try StandardStreams.print("\n" + text(model)) }
      }
    }

    private func text(_ model: Model) -> String {
      let files = model.files.map { file in
        let size = file.size.map { "\($0) bytes" } ?? "size not published"
        return ([file.name + ", " + size, digest(file.digest)] + file.addresses)
          .joined(separator: "\n    ")
      }
      return (["\(model.name): \(model.license)"] + files).joined(separator: "\n  ")
    }

    private func digest(_ digest: PublishedFile.Digest) -> String {
      switch digest {
      case .full(let digits): "SHA-256 \(digits)"
      case .firstDigits(let digits): "SHA-256 \(digits)… (no more is published)"
      case .unknown: "no SHA-256 is published: only its structure is verified"
      }
    }
  }

  struct Install: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download a network, or install the weights of a file.",
      discussion: """
        Only the convolutions are kept, in the user's data folder. A download that was \
        interrupted resumes where it stopped.
        """)

    @Argument(help: "A name from impasto models list, or a file of weights.")
    var nameOrFile: String

    @Option(
      help: "The name of a file's network (default: the name in the catalog, or the file's).")
    var name: String?

    @Option(help: "The preprocessing of a file's network, if it cannot be detected.")
    var preprocessing: InputConvention.Name?

    @Option(help: "The precision of weights: fp32, or fp16 for half the size.")
    var precision: WeightPrecision = .single

    @Option(
      help: ArgumentHelp(
        "Download the catalog's file from this folder of a server instead.", valueName: "url"))
    var from: String?

    func validate() throws {
      if let from, URL(string: from)?.scheme.map({ ["http", "https"].contains($0) }) != true {
        throw ValidationError(
          "--from \(from): not the address of a server; use http:// or https://.")
      }
    }

    func run() async throws {
      let installation = ModelInstallation(precision: precision)
      if let model = try? Model.named(nameOrFile) {
        guard name == nil, preprocessing == nil else {
          throw ValidationError(
            "--name and --preprocessing are for files; \(model.name) has its own.")
        }
        guard InstalledModels().path(of: model.name) == nil else {
          try StandardStreams.print(
            "\(model.name) is installed; to download it again, first run impasto models remove "
              + "\(model.name).")
          return
        }
        let progress = DownloadProgress()
        defer { progress.end() }
        try await installation.install(model, from: from.flatMap { URL(string: $0) }) {
          progress.show($0)
        }
        try say(model.name)
      } else {
        let result = try installation.install(
          file: nameOrFile, name: name, preprocessing: preprocessing)
        if let warning = result.warning { Terminal.note("Careful: \(warning).") }
        try say(result.name)
      }
    }

    private func say(_ name: String) throws {
      try StandardStreams.print("Installed: use it with --model \(name)")
    }
  }

  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the convolutions of a file of weights as safetensors.",
      discussion: """
        The file holds a VGG network, or a one-pass style network: a state dict of PyTorch's \
        fast_neural_style, an ONNX model, or a folder of raw variables.
        """)

    @Argument(help: "A file of weights, of any format that can be read.")
    var file: String

    @Option(name: .shortAndLong, help: "The safetensors file to write.")
    var output: String

    @Option(help: "The preprocessing, if it cannot be detected from the file.")
    var preprocessing: InputConvention.Name?

    @Option(help: "The precision of weights: fp32, or fp16 for half the size.")
    var precision: WeightPrecision = .single

    @Option(
      help: ArgumentHelp(
        "The ONNX model that describes paintings, for a network of arbitrary styles.",
        valueName: "file"))
    var predictor: String?

    @Option(
      help: ArgumentHelp(
        "The names of the styles of a network of several, such as waves,embers.",
        valueName: "names"))
    var styleNames: String?

    func validate() throws {
      guard output.hasSuffix(".safetensors") else {
        throw ValidationError("--output \(output): the name must end in .safetensors.")
      }
    }

    func run() throws {
      try InputFiles([file, predictor].compactMap(\.self)).checkNotInput(output, key: "output")
      if predictor != nil || StylizerNetwork.isLikely(path: file) {
        try ModelInstallation.convertStylizer(
          file, predictor: predictor,
          styleNames: styleNames?.split(separator: ",").map(String.init), to: output,
          precision: precision)
      } else {
        try ModelInstallation.convert(
          file, to: output, preprocessing: preprocessing, precision: precision)
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove an installed network.")

    @Argument(help: "Its name.")
    var name: String

    func run() throws { try InstalledModels().remove(name) }
  }

  struct Path: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the file of a network, or the folder of the installed ones.")

    @Argument(help: "Its name.")
    var name: String?

    func run() throws {
      try StandardStreams.print(
        try name.map { try ModelPlace(nameOrPath: $0).path } ?? InstalledModels().folder.path)
    }
  }
}

extension WeightPrecision: ExpressibleByArgument {}
