#!/bin/sh
# usage: install.sh PREFIX BUILD_FOLDER
# Installs the built command, its resources, its completions for shells and its man pages under PREFIX.
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

completion() {
  mkdir -p "$(dirname "$2")"
  "$build/impasto" --generate-completion-script "$1" >"$2"
}
completion bash "$prefix/share/bash-completion/completions/impasto"
completion zsh "$prefix/share/zsh/site-functions/_impasto"
completion fish "$prefix/share/fish/vendor_completions.d/impasto.fish"

# `make manual` builds the tool; without it there are no man pages.
if [ -x "$build/generate-manual" ]; then
  pages=$(mktemp -d)
  "$build/generate-manual" --multi-page --output-directory "$pages" "$build/impasto"
  # Not for people: the child process that reads weights.
  rm -f "$pages/impasto.help.1" "$pages/impasto.read-weights.1"
  mkdir -p "$prefix/share/man/man1"
  for page in "$pages"/*.1; do
    name=$(basename "$page" .1 | tr . -)
    sed -e '/^\.Xr impasto\.\(help\|read-weights\) 1/d' -e '/^\.Xr impasto\./y/./-/' -e 's/^-Xr /.Xr /' "$page" >"$prefix/share/man/man1/$name.1"
  done
  rm -r "$pages"
fi
echo "Installed $prefix/bin/impasto"
