#!/bin/sh
# usage: test-container.sh INSTALLED
# Builds the container with buildah on a new root of Debian, and uses it. The first stage takes the files of INSTALLED, which
# `make install STATIC=yes TRAITS=Films,Studio DESTDIR=INSTALLED PREFIX=/usr` made, instead of building them again.
set -eu
installed=$(realpath "$1")
cd "$(dirname "$0")/../.."
. Scripts/as-root.sh
. Scripts/packages/debian-root.sh
if ! command -v buildah >/dev/null; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends buildah
fi
work=$(mktemp -d)
chmod 755 "$work"
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
trap 'remove_debian_root "$work/root"; as_root rm -rf --one-file-system "$work"' EXIT
store="--root $work/store --runroot $work/run"
make_debian_root "$work/root"
as_root umount "$work/root/proc" "$work/root/dev"

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
# The volume is new for every run, so it has no photo.
as_root buildah $store copy -q "$container" Examples/photos/chelsea.jpg /tmp/photo.jpg >/dev/null
inside() { as_root buildah $store run "$container" -- "$@"; }
inside impasto --version
inside sh -c 'cd /data && impasto stylize /tmp/photo.jpg --style udnie --size 200 -o out.png --quiet && test -s out.png'
inside sh -c 'impasto studio --host 0.0.0.0 --data /data --no-browser >/tmp/log 2>&1 & pid=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do grep -q "The studio is at" /tmp/log && break; sleep 0.5; done
  cat /tmp/log; grep -q "token=" /tmp/log; kill -INT $pid; wait $pid || true'
echo "The container works."
