// swift-tools-version: 6.1

import PackageDescription

/// The plugin of `make docs`, which nothing else resolves.
let documentation: [Package.Dependency] =
  Context.environment["IMPASTO_DOCS"] == nil
  ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

let package = Package(
  name: "Impasto",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Impasto", targets: ["Impasto"]),
    .executable(name: "impasto", targets: ["ImpastoCommand"]),
  ],
  traits: [
    .trait(name: "Films", description: "Keeps films from flickering, through OpenCV."),
    .trait(name: "MPI", description: "Trains on several machines, through Open MPI."),
    .trait(
      name: "Studio", description: "Adds impasto studio, through Hummingbird and SQLite."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
  ] + documentation,
  targets: [
    .target(name: "CKernels", exclude: ["kernels_template.h"]),
    .systemLibrary(
      name: "CVipsSystem", pkgConfig: "vips",
      providers: [.apt(["libvips-dev"]), .brew(["vips"])]),
    .systemLibrary(
      name: "CJPEGSystem", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .target(name: "CVips", dependencies: ["CJPEGSystem", "CVipsSystem"]),
    .systemLibrary(
      name: "CGLibSystem", pkgConfig: "glib-2.0",
      providers: [.apt(["libglib2.0-dev"]), .brew(["glib"])]),
    .target(name: "CDigests", dependencies: ["CGLibSystem"]),
    .target(name: "Files", dependencies: ["CDigests"]),
    .target(name: "Engine", dependencies: ["CKernels"]),
    .systemLibrary(
      name: "CZlibSystem", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "ModelFiles",
      dependencies: [
        "CZlibSystem", "Engine", "Files",
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Protos"]),
    .systemLibrary(
      name: "CHDF5System", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(name: "CHDF5", dependencies: ["CHDF5System"]),
    .systemLibrary(
      name: "CMatioSystem", pkgConfig: "matio",
      providers: [.apt(["libmatio-dev"]), .brew(["libmatio"])]),
    .target(name: "CSandbox"),
    .target(
      name: "IsolatedFormats", dependencies: ["CHDF5", "CMatioSystem", "CSandbox", "ModelFiles"]),
    .target(name: "Networks", dependencies: ["Engine", "Files", "ModelFiles"]),
    .target(
      name: "NetworkStore", dependencies: ["Files", "ModelFiles", "Networks"],
      resources: [
        .copy("Resources/models"), .copy("Resources/presets"), .copy("Resources/styles"),
        .copy("Resources/stylizers"),
      ]),
    .target(
      name: "Pictures",
      dependencies: ["CVips", "Engine", "Files", .product(name: "Logging", package: "swift-log")]),
    .systemLibrary(
      name: "COpenCVSystem", pkgConfig: "opencv4",
      providers: [.apt(["libopencv-video-dev"]), .brew(["opencv"])]),
    .target(
      name: "COpenCV",
      dependencies: [.target(name: "COpenCVSystem", condition: .when(traits: ["Films"]))],
      cxxSettings: [.define("IMPASTO_FILMS", .when(traits: ["Films"]))]),
    .target(
      name: "Impasto",
      dependencies: ["COpenCV", "Engine", "ModelFiles", "Networks", "NetworkStore", "Pictures"]),
    .systemLibrary(
      name: "CMPISystem", pkgConfig: "ompi-c",
      providers: [.apt(["libopenmpi-dev"]), .brew(["open-mpi"])]),
    .target(
      name: "CMPI",
      dependencies: [.target(name: "CMPISystem", condition: .when(traits: ["MPI"]))],
      cSettings: [.define("IMPASTO_MPI", .when(traits: ["MPI"]))]),
    .target(
      name: "Training",
      dependencies: [
        "CMPI", "Engine", "Files", "Impasto", "ModelFiles", "NetworkStore", "Networks", "Pictures",
      ]),
    .target(
      name: "Runs",
      dependencies: [
        "Engine", "Files", "Impasto", "ModelFiles", "NetworkStore", "Pictures", "Training",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"), "TOMLKit",
      ],
      exclude: ["Protos"],
      resources: [
        .embedInCode("Records/page.css"), .embedInCode("Records/report.mustache"),
        .embedInCode("Training/training.mustache"),
      ]),
    .systemLibrary(
      name: "CSQLiteSystem", pkgConfig: "sqlite3",
      providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .target(
      name: "Studio",
      dependencies: [
        .target(name: "CSQLiteSystem", condition: .when(traits: ["Studio"])),
        .product(
          name: "Hummingbird", package: "hummingbird", condition: .when(traits: ["Studio"])),
        "Engine", "Files", "Impasto", "NetworkStore", "Pictures", "Runs",
        .product(name: "Logging", package: "swift-log"),
      ],
      resources: [
        "api-page.js", "api.html", "api.js", "create.js", "elements.js", "form.js", "gallery.js",
        "icon.svg", "index.html", "job.js", "mask-editor.js", "openapi.json", "queue.js",
        "recipe-dialog.js", "series.js", "settings.js", "studio.css", "studio.js", "tiles.js",
        "trainings.js",
      ].map { .embedInCode("Pages/\($0)") }),
    .executableTarget(
      name: "ImpastoCommand",
      dependencies: [
        "Engine", "Files", "Impasto", "IsolatedFormats", "NetworkStore", "Pictures", "Runs",
        "Training", .target(name: "Studio", condition: .when(traits: ["Studio"])),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["Engine", "ModelFiles", "NetworkStore", "Networks"],
      path: "Tests/TestSupport",
      exclude: [
        "VGGFiles", "make_hostile_files.py", "make_operation_golden.py", "make_residual_golden.py",
        "make_stylizer_fixtures.py", "make_vgg_files.py", "stylizer_models.py",
      ],
      resources: [.copy("Golden"), .copy("Stylizers")]),
    .target(name: "SandboxProbe", dependencies: ["CSandbox"], path: "Tests/SandboxProbe"),
    .testTarget(name: "IsolatedFormatsTests", dependencies: ["SandboxProbe"]),
    .testTarget(name: "EngineTests", dependencies: ["Engine", "TestSupport"]),
    .testTarget(name: "FilesTests", dependencies: ["Files"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["Files", "ModelFiles"]),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "TestSupport"]),
    .testTarget(
      name: "NetworkStoreTests", dependencies: ["Files", "Impasto", "NetworkStore", "TestSupport"]),
    .testTarget(
      name: "PicturesTests", dependencies: ["Files", "Pictures", "TestSupport"],
      exclude: ["make_color_fixtures.py", "make_fixtures.py", "make_format_fixtures.py"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ImpastoTests",
      dependencies: ["Impasto", "ModelFiles", "Networks", "TestSupport"],
      exclude: ["make_expected_losses.py"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Files", "Impasto", "Networks", "Pictures", "TestSupport", "Training"]),
    .testTarget(
      name: "RunsTests",
      dependencies: [
        "Files", "Impasto", "ModelFiles", "NetworkStore", "Pictures", "Runs", "TestSupport",
      ]),
    .testTarget(
      name: "ImpastoCommandTests",
      dependencies: ["ImpastoCommand", "Impasto", "Runs", "TestSupport"],
      exclude: ["Snapshots"]),
  ],
  cxxLanguageStandard: .cxx17
)
