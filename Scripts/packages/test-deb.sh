#!/bin/sh
# usage: test-deb.sh PACKAGE.deb
# Installs a package in a new root of Debian, uses it there, and removes it.
set -eu
package=$(realpath "$1")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
. Scripts/packages/debian-root.sh
root=$(mktemp -d)
trap 'remove_debian_root "$root"' EXIT
make_debian_root "$root"
as_root cp "$package" "$root/tmp/impasto.deb"
as_root cp Examples/photos/chelsea.jpg "$root/tmp/photo.jpg"
inside() { in_root "$root" "$1"; }

inside 'apt-get update -q && apt-get install -y -q --no-install-recommends /tmp/impasto.deb' >/dev/null
echo "Using it"
inside 'cd /tmp && impasto --version && impasto stylize photo.jpg --style great-wave --size 200 -o out.png --quiet
  impasto transfer photo.jpg --style auvers --size 64 --iterations 3 -o out2.jpg --quiet && test -s out.png && test -s out2.jpg'
inside 'impasto styles | grep -q great-wave'
inside 'impasto studio --no-browser --data /tmp/studio >/tmp/log 2>&1 & pid=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q "The studio is at" /tmp/log && break; sleep 0.5; done
  cat /tmp/log; grep -q "The studio is at" /tmp/log; kill -INT $pid; wait $pid || true'
inside 'test -s /usr/share/man/man1/impasto.1.gz && test -s /usr/share/man/man1/impasto-transfer.1.gz'
inside 'test -s /usr/share/bash-completion/completions/impasto && test -s /usr/share/zsh/vendor-completions/_impasto'
# A message about missing ffmpeg, not a crash.
inside 'cd /tmp && ! impasto stylize nothing.mp4 --style udnie -o x.mp4 2>message && grep -q nothing.mp4 message'
echo "Removing it"
inside 'apt-get purge -y -q impasto' >/dev/null
inside 'test ! -e /usr/bin/impasto && test ! -e /usr/share/impasto && test ! -e /usr/share/doc/impasto'
echo "The package works."
