#!/bin/sh
# usage: deb.sh INSTALLED VERSION FOLDER
# Packs what `make install DESTDIR=INSTALLED PREFIX=/usr` installed as a Debian package in FOLDER.
set -eu
installed=$(realpath "$1")
version=$2
mkdir -p "$3"
folder=$(realpath "$3")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
if ! command -v dpkg-shlibdeps >/dev/null; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends dpkg-dev
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$installed" "$work/root"
root=$work/root
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$root/usr/bin/impasto"
mv "$root/usr/share/zsh/site-functions" "$root/usr/share/zsh/vendor-completions"
strip --strip-unneeded "$root/usr/bin/impasto"
find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +
mkdir -p "$root/usr/share/doc/impasto" "$root/usr/lib/systemd/user"
cp Packaging/impasto-studio.service "$root/usr/lib/systemd/user/"
{
  echo "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/"
  echo "Upstream-Name: Impasto"
  echo
  echo "Files: *"
  echo "Copyright: The Impasto authors"
  echo "License: Apache-2.0"
  echo " The text is in /usr/share/common-licenses/Apache-2.0."
  echo " Networks and paintings have the sources and licenses in /usr/share/impasto/*/SOURCES.md."
} >"$root/usr/share/doc/impasto/copyright"
gzip -9n <CHANGELOG.md >"$root/usr/share/doc/impasto/changelog.gz"

# dpkg-shlibdeps expects a source package.
mkdir "$work/debian"
printf 'Source: impasto\n\nPackage: impasto\nArchitecture: any\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O --ignore-missing-info root/usr/bin/impasto | sed 's/^shlibs:Depends=//')
architecture=$(dpkg --print-architecture)
mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<CONTROL
Package: impasto
Version: $version
Architecture: $architecture
Maintainer: Impasto maintainers <maintainers@impasto-style.example>
Installed-Size: $(du -ks "$root" | cut -f1)
Depends: $depends
Recommends: ffmpeg, fonts-dejavu-core
Section: graphics
Priority: optional
Description: neural style transfer
 Repaints photos and films in the style of a painting, by optimization or by
 trained networks, as a command and in the browser.
CONTROL
dpkg-deb --root-owner-group -Zxz --build "$root" "$folder/impasto_${version}_$architecture.deb"
