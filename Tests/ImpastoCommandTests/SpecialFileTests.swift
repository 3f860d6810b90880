import Foundation
import Testing

/// Pipes, devices and unusual names, with the real command.
@Suite struct SpecialFileTests {
  private let command: Command

  init() throws {
    command = try Command()
    try command.makePicture("photo.png")
    try command.makePicture("painting.png", seed: 2)
    try command.write("content = \"pipe\"\nstyle = \"painting.png\"\n", to: "photo.toml")
    try command.write(
      "content = \"photo.png\"\nstyle = \"painting.png\"\nprotect = \"pipe\"\n", to: "protect.toml")
    mkfifo(command.path("pipe"), 0o600)
    mkfifo(command.path("pipe.toml"), 0o600)
    mkfifo(command.path("pipe.png"), 0o600)
  }

  /// Nobody writes into the pipes, so a command that waits for one would not end.
  @Test(arguments: [
    ("/dev/zero --style painting.png", "/dev/zero", "it is a device"),
    ("photo.png --style /dev/zero", "/dev/zero", "it is a device"),
    ("photo.png --style painting.png --protect /dev/zero", "/dev/zero", "it is a device"),
    ("photo.png --style painting.png --protect pipe", "pipe", "it is a pipe"),
    ("photo.png --style painting.png --mask pipe:", "pipe", "it is a pipe"),
    ("photo.png --style painting.png --mask :pipe", "pipe", "it is a pipe"),
    ("photo.png --style painting.png --init pipe", "pipe", "it is a pipe"),
    ("photo.png --style painting.png --model pipe", "pipe", "it is a pipe"),
    ("photo.png --style painting.png --model /dev/zero", "/dev/zero", "it is a device"),
    ("--recipe pipe.toml", "pipe.toml", "it is a pipe"),
    ("--recipe pipe.png", "pipe.png", "it is a pipe"),
    ("--recipe /dev/zero", "/dev/zero", "it is a device"),
    ("--recipe protect.toml", "pipe", "it is a pipe"),
  ])
  func inputsThatMightNeverEndAreRefused(options: String, name: String, reason: String) throws {
    let run = try command.start(
      ["transfer", "--quiet"] + options.split(separator: " ").map(String.init) + ["-o", "out.png"]
    ).finish()
    #expect(run.status != 0 && run.status < 128, "\(run.status)")
    #expect(run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains(name) && run.errors.contains(reason), "\(run.errors)")
    #expect(!command.exists("out.png"))
  }

  private static let short = "--iterations 1 --size 32 --quiet"

  private func shell(_ script: String) throws -> Command.Outcome {
    try command.run(
      "-c", script.replacingOccurrences(of: "impasto", with: command.executable.path),
      through: URL(fileURLWithPath: "/bin/sh"))
  }

  /// A result from pipes is that of the same files, and its record has their checksums.
  @Test func photosAndStylesComeFromPipes() throws {
    let files = try shell(
      "impasto transfer photo.png --style painting.png -o a.png --no-metadata \(Self.short)")
    #expect(files.status == 0, "\(files.errors)")
    let pipes = try shell(
      """
      mkfifo style; cat painting.png > style &
      cat photo.png | impasto transfer - --style style -o b.png --no-metadata --run run \(Self.short)
      """)
    #expect(pipes.status == 0, "\(pipes.errors)")
    #expect(try command.bytes("a.png") == command.bytes("b.png"))
    let recipe = try String(contentsOfFile: command.path("run/recipe.toml"), encoding: .utf8)
    let digests = try shell("sha256sum photo.png painting.png").output
    for line in digests.split(separator: "\n") {
      #expect(recipe.contains(line.prefix(64)), "\(recipe)")
    }
    let inherited = try shell(
      """
      exec 3< photo.png; cat <&3 | impasto transfer /dev/stdin --style painting.png -o c.png \
      --no-metadata \(Self.short)
      """)
    #expect(inherited.status == 0, "\(inherited.errors)")
    #expect(try command.bytes("a.png") == command.bytes("c.png"))
  }

  /// From standard input to standard output, which has the picture's bytes alone.
  @Test func resultsGoToStandardOutput() throws {
    let run = try shell(
      """
      impasto transfer photo.png --style painting.png -o a.jpg --no-metadata \(Self.short)
      cat photo.png | impasto transfer - --style painting.png -o - --format jpg --no-metadata \
        --iterations 1 --size 32 > b.jpg
      impasto color photo.png --like painting.png -o c.png --no-metadata
      impasto color photo.png --like painting.png -o - --format png --no-metadata | cat > d.png
      mkdir folder
      impasto transfer photo.png --style painting.png -o folder --format webp \(Self.short)
      mkfifo named; cat named > e.jpg &
      impasto transfer photo.png --style painting.png -o named --format jpg --no-metadata \
        \(Self.short)
      wait
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(run.errors.contains("Wrote the result to standard output"), "\(run.errors)")
    #expect(try command.bytes("a.jpg") == command.bytes("b.jpg"))
    #expect(try command.bytes("a.jpg") == command.bytes("e.jpg"))
    #expect(try command.bytes("c.png") == command.bytes("d.png"))
    #expect(try command.bytes("folder/photo.webp").starts(with: Array("RIFF".utf8)))
  }

  @Test(arguments: [
    ("photo.png -o -", "--format is missing"), ("photo.png -o - --format png --json", "--json"),
    ("photo.png photo.png -o - --format png", "-"), ("photo.png -o o.png --format jpg", "o.png"),
    ("photo.png -o - --format bmp", "--format"),
    ("photo.png -o - --format jpg --bit-depth 16", "--bit-depth"),
  ])
  func impossibleFormatsAreErrors(options: String, says: String) throws {
    let run = try command.start(
      ["transfer", "--style", "painting.png"] + options.split(separator: " ").map(String.init)
    ).finish()
    #expect(run.status != 0 && run.status < 128 && run.lines.count == 1, "\(run.errors)")
    #expect(run.errors.contains(says) && run.output.isEmpty, "\(run.errors)")
  }

  @Test func aPipeWithoutAPictureIsAnError() throws {
    let empty = try shell("true | impasto transfer - --style painting.png -o o.png --quiet")
    #expect(empty.status == 1 && empty.lines.count == 1, "\(empty.errors)")
    #expect(empty.errors.contains("it has no bytes"))
    let text = try shell("echo text | impasto transfer - --style painting.png -o o.png --quiet")
    #expect(text.status == 1 && text.lines.count == 1, "\(text.errors)")
    let terminal = try shell("impasto transfer - --style painting.png -o o.png --quiet < /dev/null")
    #expect(terminal.errors.contains("it is a device"), "\(terminal.errors)")
  }

  @Test func anInterruptionEndsTheWaitForAPipe() throws {
    let running = try command.start(
      ["transfer", "pipe", "--style", "painting.png", "-o", "out.png"])
    // Its end of the pipe shows that it waits.
    let writer = open(command.path("pipe"), O_WRONLY)
    kill(running.process.processIdentifier, SIGINT)
    let run = try running.finish()
    close(writer)
    #expect(run.status == 130, "\(run.errors)")
    #expect(!command.exists("out.png"))
  }

  @Test func resultsGoThroughLinksAndIntoPipes() throws {
    try FileManager.default.createDirectory(
      atPath: command.path("folder"), withIntermediateDirectories: true)
    symlink("folder/real.png", command.path("link.png"))
    let run = try shell(
      """
      impasto transfer photo.png --style painting.png -o link.png --no-metadata \(Self.short)
      cat pipe.png > copy.png &
      impasto transfer photo.png --style painting.png -o pipe.png --no-metadata \(Self.short)
      wait
      """)
    #expect(run.status == 0, "\(run.errors)")
    #expect(
      try FileManager.default.destinationOfSymbolicLink(atPath: command.path("link.png"))
        == "folder/real.png")
    #expect(try command.bytes("folder/real.png") == command.bytes("copy.png"))
    #expect(try command.bytes("copy.png").starts(with: [0x89] + Array("PNG".utf8)))
  }

  /// A name of one letter, of 255 bytes, with a dash, a colon, spaces and other alphabets.
  @Test(arguments: [
    "-x.png", "a:b.png", "é ü\u{301} 画.png", "*?[1].png", "x'\"$y.png",
    String(repeating: "n", count: 251) + ".png",
  ])
  func unusualNamesWork(name: String) throws {
    try FileManager.default.copyItem(atPath: command.path("photo.png"), toPath: command.path(name))
    try command.makeMask("m\(name.suffix(20))", width: 48, height: 36, whiteColumns: 9)
    let mask = "m\(name.suffix(20))".replacingOccurrences(of: ":", with: "\\:") + ":"
    try FileManager.default.createDirectory(
      atPath: command.path("o"), withIntermediateDirectories: true)
    let run = try command.start(
      [
        "transfer", "--style=\(name)", "--mask=\(mask)", "--output=o/\(name)", "--quiet",
        "--iterations=1", "--size=32", "--", name,
      ]
    ).finish()
    #expect(run.status == 0, "\(run.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: command.path("o")) == [name])
  }

  /// Names in Latin-1, which no string can hold.
  @Test func namesThatAreNotUTF8Work() throws {
    let run = try shell(
      """
      p=$(printf 'caf\\351.png'); s=$(printf '\\377\\376.png'); m=$(printf 'm\\200.png')
      o=$(printf 'r\\351sultat.png'); mv photo.png "$p"; mv painting.png "$s"; cp "$p" "$m"
      impasto transfer "$p" --style "$s" --protect="$m" -o "$o" --iterations 1 --size 32
      test -s "$o" || exit 9
      mkdir "$(printf 'd\\351')"
      impasto transfer --recipe "$o" -o "$(printf 'd\\351/o.png')" --quiet
      cmp "$o" "$(printf 'd\\351/o.png')" || exit 8
      impasto transfer "$(printf 'missing\\351.png')" --style "$s" -o x.png
      """)
    #expect(run.status == 1, "\(run.errors)")
    #expect(run.errors.contains("Wrote r\\xE9sultat.png"), "\(run.errors)")
    #expect(run.lines.last?.contains("missing\\xE9.png") == true, "\(run.errors)")
  }

  @Test func foldersOfOneLetterWork() throws {
    let run = try shell(
      "impasto transfer photo.png --style painting.png --run r --iterations 1 --size 32 --quiet")
    #expect(run.status == 0, "\(run.errors)")
    #expect(command.exists("r/recipe.toml"))
    try command.write(
      "content = \"photo.png\"\nstyle = \"painting.png\"\niterations = 1\nsize = 32\n[sweep]\n"
        + "seed = [1]\n", to: "g.toml")
    let sweep = try shell("impasto sweep g.toml -o g --quiet")
    #expect(sweep.status == 0, "\(sweep.errors)")
    #expect(command.exists("g/sweep.toml"))
  }
}
