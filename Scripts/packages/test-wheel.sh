#!/bin/sh
# usage: test-wheel.sh WHEEL
# Installs a wheel in a new environment, and uses its command and its Python interface.
set -eu
wheel=$(realpath "$1")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q "$wheel" pytest mypy
photo=$(realpath Examples/photos/chelsea.jpg)
(
  cd "$work"
  unset IMPASTO
  venv/bin/impasto --version
  venv/bin/impasto stylize "$photo" --style great-wave --size 200 -o out.png --quiet
  venv/bin/impasto transfer "$photo" --style auvers --size 64 --iterations 3 -o out.webp --quiet
  venv/bin/impasto styles --sheet sheet.jpg --size 64 2>/dev/null || true
  # Only libraries of the manylinux standard with what they need, and those of the wheel.
  ldd venv/lib/python3*/site-packages/impasto/command/bin/impasto | grep -v -e 'site-packages' -e linux-vdso \
    -e '/lib64/ld-linux' -e 'lib\(c\|m\|pthread\|dl\|rt\|util\|resolv\|stdc++\|gcc_s\|z\|expat\|X11\|Xext\|Xrender\|ICE\|SM\|GL\|glib-2.0\|gobject-2.0\|gthread-2.0\|pcre2-8\|ffi\|xcb\|Xau\|Xdmcp\|bsd\|md\|GLX\|GLdispatch\|nsl\|crypt\|atomic\)\.so' \
    && { echo "Libraries are missing from the wheel." >&2; exit 1; }
  # The checkout's own command must not be found.
  IMPASTO=$work/venv/bin/impasto venv/bin/python -m pytest -q "$OLDPWD/Python/tests"
  venv/bin/python -m mypy --strict -p impasto
)
echo "The wheel works."
