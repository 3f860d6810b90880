#!/bin/sh
# usage: api-changes.sh TAG
# Prints what breaks clients of the library since a tag, and fails if there is anything. It does the work of
# `swift package diagnose-api-breaking-changes`, which cannot load a module that depends on TOMLKit.
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'git worktree remove --force "$work/before" 2>/dev/null || true; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/before" "$1"

# Writes the interface of the library in a checkout to a file.
dump() {
  (cd "$1" && swift build --product impasto --scratch-path .build-api >"$work/log" 2>&1) || { tail -20 "$work/log" >&2; exit 1; }
  modules=$1/.build-api/debug
  options="-I $modules/Modules $(pkg-config --cflags-only-I vips | sed 's/-I/-Xcc -I/g')"
  for map in "$1"/Sources/*/module.modulemap "$1"/Sources/*/include/module.modulemap "$modules"/*.build/module.modulemap; do
    if [ -e "$map" ]; then options="$options -Xcc -fmodule-map-file=$map"; fi
  done
  for folder in "$1"/Sources/C*/include; do options="$options -Xcc -I$folder"; done
  swift-api-digester -dump-sdk -module Impasto -avoid-location -target "$(uname -m)-unknown-linux-gnu" -sdk / $options -o "$2"
}
dump "$work/before" "$work/before.json"
dump "$PWD" "$work/after.json"
swift-api-digester -diagnose-sdk --input-paths "$work/before.json" --input-paths "$work/after.json" >"$work/changes" 2>&1
# Only headings and empty lines: nothing changed.
if grep -v -e '^$' -e '^/\* .* \*/$' "$work/changes"; then exit 1; fi
