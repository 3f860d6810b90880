#!/bin/sh
# Installs missing system libraries that the build needs.
set -eu

if ! command -v swift >/dev/null; then
  echo "Swift is missing: install version 6.2 or newer from https://www.swift.org/install" >&2
  exit 1
fi
# Labels need a font; any font will do.
has_font() { command -v fc-list >/dev/null && [ -n "$(fc-list | head -n 1)" ]; }
if command -v pkg-config >/dev/null && pkg-config --exists 'vips >= 8.13' libjpeg zlib hdf5 matio && has_font; then
  exit 0
fi

. "$(dirname "$0")/as-root.sh"
if command -v apt-get >/dev/null; then
  echo "Installing with apt-get: libvips-dev, libjpeg-dev, zlib1g-dev, libhdf5-dev, libmatio-dev, pkg-config, fontconfig, fonts-dejavu-core"
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libvips-dev libjpeg-dev zlib1g-dev \
    libhdf5-dev libmatio-dev pkg-config fontconfig fonts-dejavu-core
elif command -v brew >/dev/null; then
  echo "Installing with brew: vips, jpeg-turbo, zlib, hdf5, libmatio, pkg-config, fontconfig"
  brew install vips jpeg-turbo zlib hdf5 libmatio pkg-config fontconfig
else
  echo "Libraries are missing: install libvips 8.13 or newer, libjpeg, zlib, libhdf5 and libmatio with their headers, and pkg-config" >&2
  exit 1
fi
