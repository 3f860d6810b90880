#!/bin/sh
# Builds the example package and runs the README's Swift code on a sample photo.
set -eu
cd "$(dirname "$0")/.."
repository=$PWD
swift build -c release --package-path Examples/PostcardMaker
programs=$(swift build -c release --package-path Examples/PostcardMaker --show-bin-path)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp Examples/photos/chelsea.jpg "$folder/photo.jpg"
cp Sources/NetworkStore/Resources/styles/great-wave.jpg "$folder/painting.jpg"
cd "$folder"
"$programs/FirstTransfer" >losses.txt
test -s out.png
"$programs/PostcardMaker" "$repository/Examples/photos/coffee.jpg" postcard.png >losses.txt
test -s postcard.png
"$programs/OnePass"
test -s trained.png
test -s painted.png
echo "The examples work."
