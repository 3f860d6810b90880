#!/bin/sh
# usage: docs.sh FOLDER
# Makes the documentation of all public modules as one site in FOLDER. A link that leads nowhere is an error.
set -eu
mkdir -p "$(dirname "$1")"
folder=$(realpath -m "$1")
cd "$(dirname "$0")/.."
targets="--target Impasto --target Training --target Runs --target NetworkStore --target Networks --target ModelFiles \
  --target Pictures --target Engine --target Files"
# The plugin is a dependency only here, so that nobody else resolves it. Its own scratch path keeps other builds as they are.
# It builds the targets of all traits.
IMPASTO_DOCS=yes swift package --scratch-path .build/docs-build --pkg-config-path Sources/COpenCVSystem/pkgconfig \
  --allow-writing-to-directory "$folder" generate-documentation $targets \
  --enable-experimental-combined-documentation --transform-for-static-hosting --output-path "$folder" 2>&1 \
  | tee "$folder.log"
# Parameters without documentation are warnings, too; only links count here.
if grep -E "doesn't exist at|No symbol matched|is ambiguous at" "$folder.log"; then
  echo "Links lead nowhere: see $folder.log" >&2
  exit 1
fi
[ -d "$folder/documentation" ] || exit 1
echo "The documentation is in $folder/documentation"
