// swift-tools-version: 6.1

import PackageDescription

let package = Package(
  name: "PostcardMaker",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Impasto", path: "../..")],
  targets: [
    .executableTarget(
      name: "PostcardMaker", dependencies: [.product(name: "Impasto", package: "Impasto")]),
    // The code example of the README.
    .executableTarget(
      name: "FirstTransfer", dependencies: [.product(name: "Impasto", package: "Impasto")]),
    // The code example of docs/Stylize.md.
    .executableTarget(
      name: "OnePass", dependencies: [.product(name: "Impasto", package: "Impasto")]),
  ]
)
