#!/bin/sh
# usage: test-container.sh INSTALLED
# Builds the container with buildah on a new root of Debian, and uses it. The first stage takes the files of INSTALLED, which
# `make install STATIC=yes TRAITS=Films,Studio DESTDIR=INSTALLED PREFIX=/usr` made, instead of building them again.
set -eu
installed=$(realpath "$1")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
if ! command -v buildah >/dev/null || ! command -v debootstrap >/dev/null; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends buildah debootstrap
fi
work=$(mktemp -d)
chmod 755 "$work"
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
trap 'as_root rm -rf --one-file-system "$work"' EXIT
store="--root $work/store --runroot $work/run"
mirror=$(sed -n 's/^deb[^h]*\(http[^ ]*\).*/\1/p; s/^URIs: *//p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
as_root debootstrap --variant=minbase --include=ca-certificates bookworm "$work/root" "$mirror" >/dev/null
as_root rm -f "$work/root/etc/apt/sources.list"
for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/resolv.conf; do
  if [ -e "$file" ]; then as_root cp -aL "$file" "$work/root$(dirname "$file")/"; fi
done

base=$(as_root buildah $store from scratch)
as_root buildah $store copy -q "$base" "$work/root" / >/dev/null
as_root buildah $store commit -q "$base" localhost/debian >/dev/null
as_root buildah $store copy -q "$base" "$installed" /installed >/dev/null
printf '#!/bin/sh\n' >"$work/make"
as_root buildah $store copy -q --chmod 755 "$base" "$work/make" /usr/bin/make >/dev/null
as_root buildah $store commit -q "$base" localhost/builder >/dev/null
as_root buildah $store build -q --build-arg BUILDER=localhost/builder --build-arg BASE=localhost/debian -t impasto \
  -f Packaging/Containerfile . >/dev/null

container=$(as_root buildah $store from localhost/impasto)
inside() { as_root buildah $store run "$container" -- "$@"; }
inside impasto --version
as_root buildah $store copy -q "$container" Examples/photos/chelsea.jpg /data/photo.jpg >/dev/null
inside sh -c 'cd /data && impasto stylize photo.jpg --style udnie --size 200 -o out.png --quiet && test -s out.png'
inside sh -c 'impasto studio --host 0.0.0.0 --data /data --no-browser >/tmp/log 2>&1 & pid=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q "The studio is at" /tmp/log && break; sleep 0.5; done
  cat /tmp/log; grep -q "token=" /tmp/log; kill -INT $pid; wait $pid || true'
echo "The container works."
