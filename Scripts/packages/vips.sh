#!/bin/sh
# usage: vips.sh PREFIX
# Builds a libvips without parts under the GPL, and with few others, from the sources of Debian's package.
set -eu
mkdir -p "$1"
prefix=$(realpath "$1")
if [ -e "$prefix/lib/libvips.so.42" ]; then exit 0; fi
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
  dpkg-dev meson ninja-build g++ pkg-config gettext libglib2.0-dev libexpat1-dev libjpeg-dev libspng-dev libtiff-dev libwebp-dev \
  libjxl-dev libcgif-dev libexif-dev liblcms2-dev libpangocairo-1.0-0 libpango1.0-dev
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# Sources come from the same place as the packages.
sed -e 's/^Types: deb$/Types: deb-src/; s/^deb /deb-src /' /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null \
  >"$work/impasto.sources" || true
if ! grep -q '^Types:' "$work/impasto.sources"; then mv "$work/impasto.sources" "$work/impasto.list"; fi
mkdir -p "$work/lists/partial"
set -- -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work" -o Dir::State::Lists="$work/lists" -o APT::Sandbox::User=root
apt-get "$@" update -q
(cd "$work" && apt-get "$@" source -q vips)
cd "$work"/vips-*/
meson setup build --buildtype=release --prefix="$prefix" --libdir=lib -Dauto_features=disabled -Dmodules=disabled \
  -Ddeprecated=false -Dexamples=false -Dcplusplus=false -Dintrospection=false \
  -Djpeg=enabled -Dspng=enabled -Dtiff=enabled -Dwebp=enabled -Djpeg-xl=enabled -Dcgif=enabled \
  -Dexif=enabled -Dlcms=enabled -Dpangocairo=enabled -Dfontconfig=enabled -Dzlib=enabled
ninja -C build install
