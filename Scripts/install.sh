#!/bin/sh
# usage: install.sh PREFIX BUILD_FOLDER
# Installs the built command and its resources under PREFIX.
set -eu
prefix=$1
build=$2
for bundle in "$build/Impasto_NetworkStore.resources" "$build/Impasto_NetworkStore.bundle"; do
  [ -d "$bundle" ] && resources=$bundle
done
mkdir -p "$prefix/bin" "$prefix/share/impasto"
cp -R "$resources/models" "$resources/presets" "$resources/styles" "$resources/stylizers" "$prefix/share/impasto/"
# Renaming replaces the command atomically, and a running command keeps its old file.
cp "$build/impasto" "$prefix/bin/impasto.new"
mv "$prefix/bin/impasto.new" "$prefix/bin/impasto"
echo "Installed $prefix/bin/impasto"
