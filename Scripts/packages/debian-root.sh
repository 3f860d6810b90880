# Sourced by the tests of packages, after as-root.sh.

# Makes a root of Debian, of the release of this machine and with its sources of packages, in a folder, with /proc and /dev.
# usage: make_debian_root FOLDER [PACKAGE,…]
make_debian_root() {
  if ! command -v debootstrap >/dev/null; then
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends debootstrap
  fi
  mirror=$(sed -n 's/^deb[^h]*\(http[^ ]*\).*/\1/p; s/^URIs: *//p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -1)
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  echo "Making a root of $release"
  as_root debootstrap --variant=minbase --include="ca-certificates${2:+,$2}" "$release" "$1" "$mirror" >/dev/null
  as_root chmod 755 "$1"
  as_root rm -f "$1/etc/apt/sources.list"
  for file in /etc/apt/sources.list /etc/apt/sources.list.d /etc/apt/apt.conf.d /etc/apt/auth.conf.d /etc/resolv.conf; do
    if [ -e "$file" ]; then as_root cp -aL "$file" "$1$(dirname "$file")/"; fi
  done
  # Programs find their own folder through /proc.
  as_root mount -t proc proc "$1/proc"
  as_root mount --bind /dev "$1/dev"
}

# Removes a root, also one that is not complete.
# usage: remove_debian_root FOLDER
remove_debian_root() {
  as_root umount "$1/proc" "$1/dev" 2>/dev/null || true
  as_root rm -rf --one-file-system "$1"
}

# Runs a script in a root.
# usage: in_root FOLDER SCRIPT
in_root() {
  as_root chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root DEBIAN_FRONTEND=noninteractive sh -euc "$2"
}
