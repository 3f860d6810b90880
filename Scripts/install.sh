#!/bin/sh
# usage: install.sh PREFIX BUILD_FOLDER
# Puts the built command and the files that it ships under PREFIX.
set -eu
prefix=$1
build=$2
for bundle in "$build/Impasto_NetworkStore.resources" "$build/Impasto_NetworkStore.bundle"; do
  [ -d "$bundle" ] && resources=$bundle
done
mkdir -p "$prefix/bin" "$prefix/share/impasto"
cp -R "$resources/models" "$resources/presets" "$resources/styles" "$prefix/share/impasto/"
# A running command keeps its file; the new one takes the name.
cp "$build/impasto" "$prefix/bin/impasto.new"
mv "$prefix/bin/impasto.new" "$prefix/bin/impasto"
echo "Installed $prefix/bin/impasto"
