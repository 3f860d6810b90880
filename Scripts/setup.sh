#!/bin/sh
# Installs the system libraries that the build needs and that are missing.
set -eu

if ! command -v swift >/dev/null; then
  echo "Swift is missing: install version 6.2 or newer from https://www.swift.org/install" >&2
  exit 1
fi
if command -v pkg-config >/dev/null && pkg-config --exists 'vips >= 8.13'; then
  exit 0
fi

. "$(dirname "$0")/as-root.sh"
if command -v apt-get >/dev/null; then
  echo "Installing with apt-get: libvips-dev, pkg-config"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libvips-dev pkg-config
elif command -v brew >/dev/null; then
  echo "Installing with brew: vips, pkg-config"
  brew install vips pkg-config
else
  echo "libvips is missing: install libvips 8.13 or newer with its headers, and pkg-config" >&2
  exit 1
fi
