// swift-tools-version: 6.1

import PackageDescription

let package = Package(
  name: "Impasto",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "Impasto", targets: ["Impasto"]),
    .executable(name: "impasto", targets: ["ImpastoCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.30.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.0.0"),
    .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
  ],
  targets: [
    .target(name: "CKernels", exclude: ["kernels_template.h"]),
    .systemLibrary(
      name: "CVipsSystem", pkgConfig: "vips",
      providers: [.apt(["libvips-dev"]), .brew(["vips"])]),
    .target(name: "CVips", dependencies: ["CVipsSystem"]),
    .systemLibrary(
      name: "CGLibSystem", pkgConfig: "glib-2.0",
      providers: [.apt(["libglib2.0-dev"]), .brew(["glib"])]),
    .target(name: "CDigests", dependencies: ["CGLibSystem"]),
    .target(name: "Tensors", dependencies: ["CKernels"]),
    .systemLibrary(
      name: "CZlibSystem", pkgConfig: "zlib",
      providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "ModelFiles",
      dependencies: [
        "CDigests", "CZlibSystem", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        "Tensors",
      ],
      exclude: ["Protos"]),
    .systemLibrary(
      name: "CHDF5System", pkgConfig: "hdf5",
      providers: [.apt(["libhdf5-dev"]), .brew(["hdf5"])]),
    .target(name: "CHDF5", dependencies: ["CHDF5System"]),
    .systemLibrary(
      name: "CMatioSystem", pkgConfig: "matio",
      providers: [.apt(["libmatio-dev"]), .brew(["libmatio"])]),
    .target(name: "IsolatedFormats", dependencies: ["CHDF5", "CMatioSystem", "ModelFiles"]),
    .target(name: "Networks", dependencies: ["Tensors", "ModelFiles"]),
    .target(
      name: "Pictures",
      dependencies: ["Tensors", "CVips", .product(name: "Logging", package: "swift-log")]),
    .target(
      name: "Impasto",
      dependencies: ["Tensors", "ModelFiles", "Networks", "Pictures"],
      resources: [
        .copy("Resources/models"), .copy("Resources/presets"), .copy("Resources/styles"),
      ]),
    .target(
      name: "Runs",
      dependencies: [
        "Impasto", "ModelFiles", "Pictures",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        "Tensors", "TOMLKit",
      ],
      exclude: ["Protos"], resources: [.embedInCode("Records/report.mustache")]),
    .executableTarget(
      name: "ImpastoCommand",
      dependencies: [
        "Impasto", "IsolatedFormats", "Pictures", "Runs", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    .target(
      name: "TestSupport", dependencies: ["Tensors", "ModelFiles", "Networks"],
      path: "Tests/TestSupport",
      exclude: ["VGGFiles", "make_hostile_files.py", "make_vgg_files.py"],
      resources: [.copy("Golden")]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
    .testTarget(name: "ModelFilesTests", dependencies: ["ModelFiles"]),
    .testTarget(name: "NetworksTests", dependencies: ["Networks", "TestSupport"]),
    .testTarget(
      name: "PicturesTests", dependencies: ["Pictures"],
      exclude: ["make_color_fixtures.py", "make_fixtures.py"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ImpastoTests",
      dependencies: ["Impasto", "ModelFiles", "Networks", "TestSupport"],
      exclude: ["make_expected_losses.py"], resources: [.copy("Fixtures")]),
    .testTarget(
      name: "RunsTests", dependencies: ["Impasto", "ModelFiles", "Runs", "TestSupport"]),
    .testTarget(
      name: "ImpastoCommandTests",
      dependencies: ["ImpastoCommand", "Impasto", "Runs", "TestSupport"]),
  ]
)
